package org.vortexel.codec;

import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Every pixel looks at every other, one head: `x + out(attention(q(h), k(h), v(h)))` with `h = norm(x)`, (N,
/// C, H, W) to the same.
///
/// Source: Esser et al. 2021, [arXiv:2012.09841](https://arxiv.org/abs/2012.09841); the projections are 1 by 1
/// convolutions there and matrices in newer files.
///
/// @param norm over C
/// @param q weight and bias of the queries
/// @param k weight and bias of the keys
/// @param v weight and bias of the values
/// @param out weight and bias of the projection
public record PixelAttention(GroupNorm norm, Projection q, Projection k, Projection v, Projection out) {
    private static final float EPS = 1e-6f;

    /// A matrix over channels.
    ///
    /// @param weight (C, C), or (C, C, 1, 1) in older files
    /// @param bias (C)
    public record Projection(Parameter weight, Parameter bias) {
        static Projection of(Params params, int channels, boolean convolution) {
            Shape matrix = convolution ? Shape.of(channels, channels, 1, 1) : Shape.of(channels, channels);
            return new Projection(
                    params.declare("weight", matrix, Init.xavier()),
                    params.declare("bias", Shape.of(channels), Init.zeros()));
        }

        Tensor forward(Tensor tokens) {
            int channels = bias.shape().dim(0);
            return tokens.linear(weight.on(tokens).reshape(channels, channels), bias.on(tokens));
        }
    }

    /// The names that the layers have in files.
    ///
    /// @param norm the norm
    /// @param q queries
    /// @param k keys
    /// @param v values
    /// @param out projection
    /// @param convolutions whether the projections are stored as 1 by 1 convolutions
    public record Names(String norm, String q, String k, String v, String out, boolean convolutions) {
        /// As in the first latent diffusion models.
        public static final Names LDM = new Names("norm", "q", "k", "v", "proj_out", true);
        /// As in diffusers.
        public static final Names DIFFUSERS = new Names("group_norm", "to_q", "to_k", "to_v", "to_out.0", false);
    }

    /// Attention over `channels` channels.
    public static PixelAttention of(Params params, int channels, int groups, Names names) {
        return new PixelAttention(
                GroupNorm.of(params.in(names.norm), channels, groups, EPS),
                Projection.of(params.in(names.q), channels, names.convolutions),
                Projection.of(params.in(names.k), channels, names.convolutions),
                Projection.of(params.in(names.v), channels, names.convolutions),
                Projection.of(params.in(names.out), channels, names.convolutions));
    }

    /// (N, C, H, W) to (N, C, H, W).
    public Tensor forward(Tensor x) {
        Tensor tokens = Tokens.of(norm.forward(x)); // (N, H W, C)
        Tensor attended =
                Attention.of(q.forward(tokens), k.forward(tokens), v.forward(tokens), 1, null, false); // (N, H W, C)
        return x.add(Tokens.image(out.forward(attended), x.dim(2), x.dim(3)));
    }
}
