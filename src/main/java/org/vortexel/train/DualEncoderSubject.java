package org.vortexel.train;

import org.jspecify.annotations.Nullable;
import org.vortexel.eval.DualEncoder;

/// A dual encoder of pictures and captions, to judge drawn pictures by.
///
/// @param data which pictures; what the same folders hold out is measured on
/// @param network the sizes
/// @param disturbances in how many ways each picture is disturbed
/// @param attributes how much telling attributes counts beside matching captions; 0 for not at all
/// @param start the folder of a model of these sizes whose weights the run begins with; none begins
/// with random ones
public record DualEncoderSubject(
        TrainConfig.Data data,
        DualEncoder.Config network,
        int disturbances,
        double attributes,
        @Nullable String start) implements Subject {
    private static final int MOST = 1000;

    public DualEncoderSubject {
        if (disturbances < 1 || disturbances > MOST) {
            throw new IllegalArgumentException("a picture is disturbed in 1 to " + MOST + " ways, not " + disturbances);
        }
        if (!(attributes >= 0 && attributes < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the weight of attributes must be at least 0 but is " + attributes);
        }
    }
}
