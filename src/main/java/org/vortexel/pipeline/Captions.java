package org.vortexel.pipeline;

import java.util.List;
import org.vortexel.diffusion.Condition;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;
import org.vortexel.text.TextEncoder;
import org.vortexel.text.TextStates;

/// The one place where words become a condition, for training and for drawing alike.
public final class Captions {
    private Captions() {}

    /// Encodes captions at `tokens` states each.
    public static Condition.Text encode(TextEncoder encoder, List<String> captions, int tokens) {
        TextStates states = encoder.encode(captions, tokens);
        NdArray mask = NdArray.zeros(Shape.of(captions.size(), tokens));
        for (int i = 0; i < captions.size(); i++) {
            java.util.Arrays.fill(mask.data(), i * tokens, i * tokens + states.lengths()[i], 1);
        }
        return new Condition.Text(states.states(), mask, states.pooled());
    }
}
