package org.vortexel.train;

import java.util.List;
import org.vortexel.diffusion.Condition;

/// Turns captions into what a network is asked with.
@FunctionalInterface
public interface CaptionEncoder {
    /// Token states (N, L, S) and their mask, for each caption one row.
    Condition.Text encode(List<String> captions);
}
