package org.vortexel.diffusion.noise;

import org.vortexel.tensor.NdArray;

/// Condition-annealed sampling: while the picture is mostly noise the condition is too, so that samples of one prompt
/// part early; fresh noise at every step.
///
/// Source: CADS, [arXiv:2310.17347](https://arxiv.org/abs/2310.17347), section 4, algorithm 1.
///
/// @param low `tau1`: up to this time (0 data, 1 noise) the condition is whole; 0.6 as a rule
/// @param high `tau2`: from this time on it is all noise; 0.9 as a rule
/// @param noise the strength of the noise, 0.1 to 0.25 as a rule
/// @param mixing `psi` in `[0, 1]`: the share of the result that is brought back to the condition's own mean and
/// deviation
/// @param perPicture whether that is done picture by picture, or over the whole array
public record Cads(double low, double high, double noise, double mixing, boolean perPicture) {
    public Cads {
        if (!(low < high) || !(noise >= 0) || !(mixing >= 0 && mixing <= 1)) {
            throw new IllegalArgumentException("CADS wants times in order, noise of at least 0 and a mixing in [0, 1]");
        }
    }

    /// How much of the condition is left at time `t`: 1 up to `low`, 0 from `high` on, a line between.
    public double kept(double t) {
        return Math.clamp((high - t) / (high - low), 0.0, 1.0);
    }

    /// The condition at a step.
    ///
    /// @param condition (N, …); not modified
    /// @param kept what [#kept] says
    /// @param fresh normal noise of the same shape
    public NdArray corrupted(NdArray condition, double kept, NdArray fresh) {
        NdArray out = condition.copy();
        for (int i = 0; i < out.data().length; i++) {
            out.data()[i] =
                    (float) (Math.sqrt(kept) * condition.data()[i] + noise * Math.sqrt(1 - kept) * fresh.data()[i]);
        }
        int size = perPicture ? out.data().length / condition.shape().dim(0) : out.data().length;
        for (int from = 0; from < out.data().length; from += size) {
            Spread wanted = Spread.of(condition.data(), from, size);
            Spread got = Spread.of(out.data(), from, size);
            for (int i = from; i < from + size; i++) {
                double raw = out.data()[i];
                double rescaled =
                        got.deviation == 0 ? raw : (raw - got.mean) / got.deviation * wanted.deviation + wanted.mean;
                out.data()[i] = (float) (mixing * rescaled + (1 - mixing) * raw);
            }
        }
        return out;
    }

    private record Spread(double mean, double deviation) {
        static Spread of(float[] values, int from, int size) {
            double mean = 0;
            for (int i = from; i < from + size; i++) {
                mean += values[i] / (double) size;
            }
            double variance = 0;
            for (int i = from; i < from + size; i++) {
                variance += (values[i] - mean) * (values[i] - mean) / size;
            }
            return new Spread(mean, Math.sqrt(variance));
        }
    }
}
