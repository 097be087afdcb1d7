package org.vortexel.ar.rear;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.codebook.Codebook;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.op.Embedding;
import org.vortexel.op.Similarity;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Heads that draw a transformer's states to the codes of its tokens, and their loss. Only training needs them.
///
/// ```
/// encode = -mean over i of m[i] cos(headE(state of the position that holds token i), code of token i)
/// decode = -mean over i of cos(headD(state of the position that predicts token i), code of token i)
/// loss   = cross-entropy + λ (encode + decode)
/// ```
///
/// The codes are of the clean tokens and get no gradient.
///
/// Source: [arXiv:2510.04450](https://arxiv.org/abs/2510.04450), eq. 6; `ARLoss` of QY-H00/reAR. *Departs from the
/// paper* as the code does: `-cos` stands for `1 - cos`, which has the same gradients.
public final class Alignment {
    private static final float EPS = 1e-12f;

    /// What follows a head's layers but the last.
    public enum Act {
        /// As in the published code.
        SILU,
        /// As in the paper.
        GELU
    }

    /// What a replaced token's position counts in the encoding term.
    public enum Replaced {
        /// 0, but the denominator stays: as in the published code.
        LEFT_OUT,
        /// As much as any other: as in the paper.
        COUNTED
    }

    /// The settings.
    ///
    /// @param encodeLayer the block whose state should tell the current token, from 0; empty for none
    /// @param decodeLayer the block whose state should tell the next; empty for none
    /// @param hidden width inside the heads
    /// @param layers of a head, 3 (code) or 2 (paper)
    /// @param act between them
    /// @param replaced what replaced tokens count
    /// @param weight λ
    public record Config(
            Optional<Integer> encodeLayer,
            Optional<Integer> decodeLayer,
            int hidden,
            int layers,
            Act act,
            Replaced replaced,
            float weight) {
        /// Checks the settings.
        ///
        /// @throws IllegalArgumentException when both heads are on one block or a size does not fit
        public Config {
            if (encodeLayer.isPresent() && encodeLayer.equals(decodeLayer)) {
                throw new IllegalArgumentException(
                        "both alignments are on block " + encodeLayer.get() + " but must be on different ones");
            }
            if (hidden < 1 || layers < 2 || layers > 3) {
                throw new IllegalArgumentException(
                        "a head has 2 or 3 layers of positive width but got " + layers + " of " + hidden);
            }
        }

        /// As the published models were trained: after the first block and after `round(3/4 depth)`, λ 1.
        ///
        /// @param depth blocks of the transformer
        public static Config published(int depth) {
            int deep = (int) Math.round(0.75 * depth);
            return new Config(Optional.of(0), Optional.of(deep), 2048, 3, Act.SILU, Replaced.LEFT_OUT, 1);
        }
    }

    /// The terms of the loss, each one number.
    ///
    /// @param encode in [-1, 1], 0 when off
    /// @param decode in [-1, 1], 0 when off
    /// @param weighted λ times their sum
    public record Losses(Tensor encode, Tensor decode, Tensor weighted) {}

    /// One side of the loss.
    ///
    /// @param states (N, T, D)
    /// @param targets (N, T) ids of clean tokens
    public record Side(Tensor states, Tensor targets) {}

    private final Config config;
    private final Optional<List<Linear>> encoder;
    private final Optional<List<Linear>> decoder;

    /// Heads for a transformer.
    ///
    /// @param params where they are declared, as `encode_align_mlp` and `decode_align_mlp`
    /// @param width of the transformer, D
    /// @param depth its blocks
    /// @param codeWidth numbers of a code
    /// @throws IllegalArgumentException when a block is the last, or not there
    public Alignment(Config config, Params params, int width, int depth, int codeWidth) {
        this.config = config;
        check(config.encodeLayer(), depth);
        check(config.decodeLayer(), depth);
        encoder = config.encodeLayer().map(_ -> head(params.in("encode_align_mlp"), width, codeWidth));
        decoder = config.decodeLayer().map(_ -> head(params.in("decode_align_mlp"), width, codeWidth));
    }

    private static void check(Optional<Integer> layer, int depth) {
        if (layer.isPresent() && (layer.get() < 0 || layer.get() >= depth - 1)) {
            throw new IllegalArgumentException("an alignment is on a block before the last of " + depth
                    + ", counted from" + " 0, but got " + layer.get());
        }
    }

    private List<Linear> head(Params params, int width, int codeWidth) {
        List<Linear> layers = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            layers.add(Linear.of(
                    params.in(String.valueOf(2 * i)),
                    i == 0 ? width : config.hidden(),
                    i == config.layers() - 1 ? codeWidth : config.hidden(),
                    Init.normal(0.02f)));
        }
        return layers;
    }

    /// The settings.
    public Config config() {
        return config;
    }

    /// What the encoding head makes of states (…, D): (…, c).
    ///
    /// @throws java.util.NoSuchElementException when there is none
    public Tensor encode(Tensor states) {
        return through(encoder.orElseThrow(), states);
    }

    /// What the decoding head makes of states (…, D): (…, c).
    ///
    /// @throws java.util.NoSuchElementException when there is none
    public Tensor decode(Tensor states) {
        return through(decoder.orElseThrow(), states);
    }

    private Tensor through(List<Linear> head, Tensor states) {
        Tensor h = states;
        for (int i = 0; i < head.size(); i++) {
            h = head.get(i).forward(h);
            if (i < head.size() - 1) {
                h = switch (config.act()) {
                    case SILU -> h.silu();
                    case GELU -> h.gelu();
                };
            }
        }
        return h;
    }

    /// Records the loss.
    ///
    /// @param codebook K codes, of any lengths
    /// @param encode states of the positions that hold tokens, after block `encodeLayer`
    /// @param replaced (N, T) 1 where the token of `encode` was replaced
    /// @param decode states of the positions that predict tokens, after block `decodeLayer`
    public Losses losses(Codebook codebook, Side encode, Tensor replaced, Side decode) {
        Tensor codes = replaced.tape().constant(codebook.codes());
        Tensor kept = replaced.mul(-1f).add(1f);
        Tensor none = replaced.tape().constant(org.vortexel.tensor.NdArray.zeros(Shape.scalar()));
        Tensor encoding = encoder.map(head -> {
                    Tensor cosine = cosine(through(head, encode.states()), codes, encode.targets());
                    return switch (config.replaced()) {
                        case LEFT_OUT -> cosine.mul(kept);
                        case COUNTED -> cosine;
                    };
                })
                .map(cosine -> cosine.mean(false).neg())
                .orElse(none);
        Tensor decoding = decoder.map(head -> cosine(through(head, decode.states()), codes, decode.targets())
                        .mean(false)
                        .neg())
                .orElse(none);
        return new Losses(encoding, decoding, encoding.add(decoding).mul(config.weight()));
    }

    private static Tensor cosine(Tensor heads, Tensor codes, Tensor targets) {
        Tensor wanted = Similarity.l2Normalize(Embedding.of(codes, targets), EPS);
        return Similarity.l2Normalize(heads, EPS).mul(wanted).sum(false, -1); // (N, T)
    }
}
