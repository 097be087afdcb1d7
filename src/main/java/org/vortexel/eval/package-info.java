/// Placeholder.
@NullMarked
package org.vortexel.eval;

import org.jspecify.annotations.NullMarked;
