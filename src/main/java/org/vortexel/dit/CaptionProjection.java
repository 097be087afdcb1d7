package org.vortexel.dit;

import java.util.Optional;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Mlp;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;

/// A caption's token states as one vector, as keys for cross-attention, and as a canvas.
///
/// The vector: `queries` learnt queries each take a weighted mean of the states (softmax over the tokens), and two
/// linear layers follow. A text encoder's own pooled vector hardly separates "red apple" from "green apple"; learnt
/// queries do.
///
/// @param pool (N, L, S) to (N, L, queries): the scores
/// @param vector1 (N, queries S) to (N, D)
/// @param vector2 (N, D) to (N, D)
/// @param states (N, L, S) to (N, L, D), if some block attends to them
/// @param canvas (N, D) to (N, T, D), if the model has one
record CaptionProjection(
        Linear pool, Linear vector1, Linear vector2, Optional<Mlp> states, Optional<CaptionCanvas> canvas)
        implements Conditioner {
    /// Brings the states of a sentence encoder, about 0.5 in size, to unit size.
    private static final float STATE_SCALE = 2;

    static CaptionProjection of(Params params, DitConfig.Text text, DitConfig config) {
        int width = config.width();
        Params here = params.in("y_embedder");
        return new CaptionProjection(
                Linear.of(here.in("pool"), text.states(), text.queries()),
                Linear.of(here.in("mlp.0"), text.queries() * text.states(), width),
                Linear.of(here.in("mlp.2"), width, width),
                text.crossEvery() == 0
                        ? Optional.empty()
                        : Optional.of(Mlp.of(here.in("y_proj"), text.states(), width, width)),
                text.canvas() == 0
                        ? Optional.empty()
                        : Optional.of(CaptionCanvas.of(params.in("canvas"), text.canvas(), config)));
    }

    @Override
    public Given forward(Dit.Condition condition) {
        if (!(condition instanceof Dit.Caption caption)) {
            throw new IllegalArgumentException("Dit: this model is asked with a caption, not with class labels");
        }
        Tensor s = caption.states();
        int n = s.dim(0);
        Tensor scores = pool.forward(s).transpose(1, 2); // (N, queries, L)
        Tensor weights = scores.add(caption.mask().reshape(n, 1, s.dim(1))).softmax();
        Tensor pooled = weights.matmul(s).mul(STATE_SCALE).reshape(n, -1); // (N, queries S)
        Tensor vector = vector2.forward(vector1.forward(pooled).silu()); // (N, D)
        return new Given(
                vector,
                states.map(m -> new DitBlock.Text(m.forward(s), caption.mask())),
                canvas.map(c -> c.forward(vector)));
    }
}
