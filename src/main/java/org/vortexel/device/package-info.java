/// What plays programs. May depend on `program`, `op` and `tensor`.
///
/// Read [Device] and [Player], then `host.HostDevice`. [Profile] is what ops take on any of them.
///
/// ```
/// Program + Weights --> Device.load --> Player: set inputs, run, get outputs
/// ```
@NullMarked
package org.vortexel.device;

import org.jspecify.annotations.NullMarked;
