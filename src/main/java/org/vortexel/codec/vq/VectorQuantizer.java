package org.vortexel.codec.vq;

import org.vortexel.nn.Init;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Embedding;
import org.vortexel.op.NearestRow;
import org.vortexel.op.Similarity;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Replaces every vector of a latent by the nearest of K learnt codes.
///
/// With `z` an encoded vector and `e` a code, both brought to length 1 when `normalized`:
///
/// ```
/// id = argmin over k of |z - e[k]|²        out = z + stop(e[id] - z)
/// codebook   = mean of (e[id] - stop(z))²
/// commitment = β mean of (stop(e[id]) - z)²
/// entropy    = w (mean of H(p) - H(mean of p)),  p = softmax(-|z - e|² / 0.01)
/// ```
///
/// The logarithm in `H(mean of p)` has 1e-5 added to its argument, as in the published code.
///
/// Source: van den Oord et al. 2017, [arXiv:1711.00937](https://arxiv.org/abs/1711.00937), eq. 1 to 3; lengths of
/// 1: Yu et al. 2021, [arXiv:2110.04627](https://arxiv.org/abs/2110.04627), section 3.2; all as in
/// `VectorQuantizer` of FoundationVision/LlamaGen.
///
/// @param table the raw codes (K, d)
/// @param normalized whether lengths are left out of account
/// @param commitment β
/// @param entropy w
public record VectorQuantizer(Parameter table, boolean normalized, float commitment, float entropy) {
    private static final float EPS = 1e-12f;
    private static final float TEMPERATURE = 0.01f;
    private static final float LOG_EPS = 1e-5f;

    /// What a latent becomes.
    ///
    /// @param latent (N, d, h, w), the codes; its gradient goes straight through to the encoded vectors
    /// @param ids (N, h, w), whole numbers
    /// @param losses what training adds to the loss, weights included
    public record Quantized(Tensor latent, Tensor ids, Losses losses) {}

    /// The terms of the training loss, each one number with its weight in it.
    ///
    /// @param codebook draws codes to the encoded vectors
    /// @param commitment draws encoded vectors to their codes
    /// @param entropy makes choices sharp and the use of codes even; 0 when its weight is
    public record Losses(Tensor codebook, Tensor commitment, Tensor entropy) {
        /// The sum of all terms.
        public Tensor total() {
            return codebook.add(commitment).add(entropy);
        }
    }

    /// Codes drawn evenly from a cube, of length 1 when `normalized`; named `embedding.weight`.
    public static VectorQuantizer of(Params params, VqConfig config) {
        Shape shape = Shape.of(config.codes(), config.codeWidth());
        Init init = (data, s, noise) -> {
            int width = s.dim(1);
            for (int k = 0; k < s.dim(0); k++) {
                double length = 0;
                for (int j = k * width; j < (k + 1) * width; j++) {
                    data[j] = (float) ((2 * noise.uniform(j) - 1) / s.dim(0));
                    length += (double) data[j] * data[j];
                }
                for (int j = k * width; config.normalized() && j < (k + 1) * width; j++) {
                    data[j] = (float) (data[j] / Math.sqrt(length));
                }
            }
        };
        return new VectorQuantizer(
                params.in("embedding").declare("weight", shape, init),
                config.normalized(),
                config.commitment(),
                config.entropy());
    }

    /// The codes as they are compared and decoded, (K, d), on the tape that `x` is recorded on.
    public Tensor codes(Tensor x) {
        return unit(table.on(x));
    }

    private Tensor unit(Tensor rows) {
        return normalized ? Similarity.l2Normalize(rows, EPS) : rows;
    }

    /// The codes of `ids` (N, h, w) as a latent (N, d, h, w).
    public Tensor lookUp(Tensor ids) {
        return Embedding.of(codes(ids), ids).permute(0, 3, 1, 2);
    }

    /// Quantises `latent` (N, d, h, w).
    public Quantized forward(Tensor latent) {
        return latent.tape().in("quantize", () -> {
            Tensor z = unit(latent.permute(0, 2, 3, 1)); // (N, h, w, d)
            Tensor codes = codes(latent); // (K, d)
            NearestRow.Nearest nearest = NearestRow.of(z, codes);
            Tensor code = nearest.rows(); // (N, h, w, d)
            Tensor through = z.add(code.sub(z).detach());
            return new Quantized(
                    through.permute(0, 3, 1, 2), // (N, d, h, w)
                    nearest.ids(),
                    new Losses(
                            code.sub(z.detach()).square().mean(false),
                            code.detach().sub(z).square().mean(false).mul(commitment),
                            entropy == 0
                                    ? latent.tape().constant(NdArray.scalar(0))
                                    : entropy(z.reshape(-1, z.dim(3)), codes)));
        });
    }

    /// The entropy term of vectors `z` (T, d).
    private Tensor entropy(Tensor z, Tensor codes) {
        Tensor distances = z.square()
                .sum(true, 1)
                .add(codes.square().sum(false, 1))
                .sub(z.matmulTransposed(codes).mul(2f)); // (T, K)
        Tensor logP = distances.mul(-1 / TEMPERATURE).logSoftmax(); // (T, K)
        Tensor p = logP.exp();
        Tensor mean = p.mean(false, 0); // (K)
        Tensor sharp = p.mul(logP).sum(false, 1).mean(false); // -mean of H(p)
        Tensor even = mean.mul(mean.add(LOG_EPS).log()).sum(false); // -H(mean of p)
        return even.sub(sharp).mul(entropy);
    }
}
