/// The host: plays programs on this machine's cores. May depend on `device`, `program`, `op` and `tensor`.
///
/// Read [HostDevice] first, then [WorkerPool].
///
/// ```
/// Program --> HostDevice --> for every op: a tuned twin (Vector API), or the op's own kernels
///                                   |
///                              WorkerPool splits rows over the cores
/// ```
///
/// *Decisions*
///
/// - Results do not depend on the number of threads: rows are independent, and sums over rows have one fixed order.
/// - A twin exists only for what is hot, has the plain kernel as its test oracle, and is left out when the vector
///   module is absent.
@NullMarked
package org.vortexel.device.host;

import org.jspecify.annotations.NullMarked;
