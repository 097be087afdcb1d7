package org.vortexel.train;

import java.util.List;
import org.vortexel.diffusion.Condition;

/// Turns captions into what a network is asked with.
@FunctionalInterface
public interface CaptionEncoder {
    /// For what is asked with classes.
    CaptionEncoder NONE = _ -> {
        throw new IllegalStateException("a network of classes has no captions");
    };

    /// Token states (N, L, S) and their mask, for each caption one row.
    Condition.Text encode(List<String> captions);
}
