package org.vortexel.diffusion;

import java.util.function.IntToDoubleFunction;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a network answers with the condition and with what is asked instead of it.
///
/// @param with `(N, C, …)` or, with a learnt variance, `(N, 2C, …)`
/// @param without of the same shape
public record Branches(NdArray with, NdArray without) {
    /// Asks for both as one batch.
    ///
    /// @param x `(N, C, …)`
    /// @param both the condition with what is asked instead below it, for 2N pictures; the same object
    /// at
    /// every step spares a network from working it out again
    public static Branches ask(Denoiser denoiser, NdArray x, Timesteps timesteps, Condition both) {
        int batch = x.shape().dim(0);
        if (both.batch() != 2 * batch) {
            throw new IllegalArgumentException(
                    "guidance of " + batch + " pictures wants " + 2 * batch + " conditions but got " + both.batch());
        }
        NdArray out = denoiser.predict(Batch.stack(x, x), timesteps.twice(), both);
        return new Branches(out.rows(0, batch), out.rows(batch, 2 * batch));
    }

    /// `without + scale · (with - without)` in the leading channels, `with` in the others.
    ///
    /// @param scale of an element of the output
    /// @param channels how many channels are guided; a learnt variance never is
    /// @param x the shape of `x`, `(N, C, …)`
    public NdArray guided(IntToDoubleFunction scale, int channels, Shape x) {
        NdArray guided = with.copy();
        int outputs = with.shape().dim(1);
        int plane = with.shape().size(2, with.shape().rank());
        int guidedChannels = Math.min(channels, x.dim(1));
        for (int i = 0; i < guided.data().length; i++) {
            if (i / plane % outputs < guidedChannels) {
                double u = without.data()[i];
                guided.data()[i] = (float) (u + scale.applyAsDouble(i) * (with.data()[i] - u));
            }
        }
        return guided;
    }
}
