package org.vortexel.dit;

import java.util.Arrays;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A blur of the queries of one block's self-attention over the picture: the block then looks at the
/// whole
/// picture everywhere, and no longer at what a place asks for. What smoothed energy guidance moves away
/// from.
///
/// Source: Hong 2024, [arXiv:2408.00760](https://arxiv.org/abs/2408.00760), section 4.2.
///
/// @param block the name of the block, such as `blocks.3`
/// @param grid tokens along one side of the picture
/// @param deviation of the Gaussian, in tokens, at least 0; infinite: every query becomes the mean of
/// all
public record QueryBlur(String block, int grid, double deviation) {
    public QueryBlur {
        if (!(deviation >= 0)) {
            throw new IllegalArgumentException("queries are blurred with a deviation of at least 0, not " + deviation);
        }
    }

    /// The blur of a model's middle block, as its authors blur the middle of a U-Net.
    public static QueryBlur ofTheMiddle(DitConfig config, double deviation) {
        return new QueryBlur("blocks." + config.depth() / 2, config.grid(), deviation);
    }

    /// Self-attention of packed `qkv` (N, T, 3 D) with blurred queries.
    Tensor attention(Tensor qkv, int heads) {
        int width = qkv.dim(2) / 3;
        Tensor queries = qkv.slice(2, 0, width).permute(0, 2, 1); // (N, D, T)
        Tensor blurred = queries.linear(qkv.tape().constant(kernel())).permute(0, 2, 1); // (N, T, D)
        return Attention.of(
                blurred, qkv.slice(2, width, 2 * width), qkv.slice(2, 2 * width, 3 * width), heads, null, false);
    }

    /// (T, T): row by row the weights of every token in a blurred one; each row sums to 1. Tokens
    /// beyond the
    /// edge are mirrored about the outermost ones.
    NdArray kernel() {
        double[][] line = new double[grid][grid];
        for (int to = 0; to < grid; to++) {
            if (Double.isInfinite(deviation)) {
                Arrays.fill(line[to], 1.0 / grid);
                continue;
            }
            int reach = (int) Math.min(Math.ceil(3 * deviation), grid - 1.0);
            double sum = 0;
            for (int offset = -reach; offset <= reach; offset++) {
                double weight = offset == 0 ? 1 : Math.exp(-0.5 * offset * offset / (deviation * deviation));
                line[to][mirrored(to + offset)] += weight;
                sum += weight;
            }
            for (int from = 0; from < grid; from++) {
                line[to][from] /= sum;
            }
        }
        int tokens = grid * grid;
        NdArray kernel = NdArray.zeros(Shape.of(tokens, tokens));
        for (int i = 0; i < tokens; i++) {
            for (int j = 0; j < tokens; j++) {
                kernel.data()[i * tokens + j] = (float) (line[i / grid][j / grid] * line[i % grid][j % grid]);
            }
        }
        return kernel;
    }

    private int mirrored(int at) {
        int inside = at < 0 ? -at : at >= grid ? 2 * (grid - 1) - at : at;
        return Math.clamp(inside, 0, grid - 1);
    }
}
