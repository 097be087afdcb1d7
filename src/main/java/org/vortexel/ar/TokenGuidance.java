package org.vortexel.ar;

/// How far logits are moved away from those of no prompt: `l = u + s (c - u)`, with a scale `s` for every token of
/// a picture.
///
/// Source: Ho and Salimans 2022, [arXiv:2207.12598](https://arxiv.org/abs/2207.12598), on logits.
public sealed interface TokenGuidance permits TokenGuidance.Off, TokenGuidance.Constant, TokenGuidance.PowerCosine {
    /// The scale of token `index` of `count`; 1 takes the prompt's own logits, bit for bit.
    double scale(int index, int count);

    /// The logits of the prompt alone; those of no prompt are never asked for.
    record Off() implements TokenGuidance {
        @Override
        public double scale(int index, int count) {
            return 1;
        }
    }

    /// One scale, for all tokens or the first ones.
    ///
    /// @param value s
    /// @param interval the last token it holds for counts `interval + 1`; below 0 it holds for all. The first token
    /// is always guided.
    record Constant(double value, int interval) implements TokenGuidance {
        @Override
        public double scale(int index, int count) {
            return index == 0 || interval < 0 || index - 1 <= interval ? value : 1;
        }
    }

    /// From 1 at the first token up to nearly `value` at the last:
    /// `1 + (value - 1) (1 - cos(π (index / count)^power)) / 2`; a power of 0 gives `value` everywhere.
    ///
    /// Source: Gao et al. 2023, [arXiv:2303.14389](https://arxiv.org/abs/2303.14389); used by RAR and reAR.
    ///
    /// @param value the final scale
    /// @param power at least 0
    record PowerCosine(double value, double power) implements TokenGuidance {
        @Override
        public double scale(int index, int count) {
            double rise = (1 - Math.cos(Math.PI * Math.pow((double) index / count, power))) / 2;
            return 1 + (value - 1) * rise;
        }
    }

    /// The same scale for every token; [Off] for 1.
    static TokenGuidance of(double scale) {
        return scale == 1 ? new Off() : new Constant(scale, -1);
    }
}
