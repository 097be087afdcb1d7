package org.vortexel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.nn.Init;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// MobileNetV2 at width 1.0, as far as its block 9: a stem and ten inverted bottlenecks.
///
/// Every convolution has the batch norm that follows it folded into its weight and bias (see [FoldedNorms]), so a
/// layer is a convolution and, except after a projection, `ReLU6(x) = min(max(x, 0), 6)`.
///
/// Parameter names are the Keras layers': `Conv1`, `expanded_conv_depthwise`, `block_1_expand`, …, each with `weight`
/// and `bias`.
///
/// Source: Sandler et al. 2018, [arXiv:1801.04381](https://arxiv.org/abs/1801.04381), table 2, and Keras
/// `applications/mobilenet_v2.py`, whose padding of strided layers this follows: a row below, a column to the right.
///
/// @param stem (N, 3, S, S) to (N, 32, S/2, S/2)
/// @param blocks `expanded_conv`, then `block_1` … `block_9`
public record MobileNetV2(Convolution stem, List<Bottleneck> blocks) {
    /// Channels after `expanded_conv` and `block_1` … `block_9`.
    private static final int[] WIDTHS = {16, 24, 24, 32, 32, 32, 64, 64, 64, 64};
    /// Blocks that halve the picture.
    private static final List<Integer> STRIDED = List.of(1, 3, 6);
    private static final int STEM = 32;
    private static final int EXPANSION = 6;

    /// Declares the parameters.
    public static MobileNetV2 of(Params params) {
        Convolution stem = Convolution.strided(params.in("Conv1"), 3, STEM, 1);
        List<Bottleneck> blocks = new ArrayList<>();
        int in = STEM;
        for (int i = 0; i < WIDTHS.length; i++) {
            String name = i == 0 ? "expanded_conv" : "block_" + i;
            blocks.add(Bottleneck.of(params, name, in, i == 0 ? 1 : EXPANSION, WIDTHS[i], STRIDED.contains(i)));
            in = WIDTHS[i];
        }
        return new MobileNetV2(stem, List.copyOf(blocks));
    }

    /// The maps of three depths.
    ///
    /// @param block3 (N, 32, S/8, S/8)
    /// @param block6 (N, 64, S/16, S/16)
    /// @param block9 (N, 64, S/16, S/16)
    public record Maps(Tensor block3, Tensor block6, Tensor block9) {}

    /// Records the network on pictures.
    ///
    /// @param pictures (N, 3, S, S) in [0, 1], S a multiple of 16
    public Maps forward(Tensor pictures) {
        List<Tensor> maps = new ArrayList<>();
        Tensor x = relu6(stem.forward(pictures)); // (N, 32, S/2, S/2)
        for (Bottleneck block : blocks) {
            x = block.forward(x);
            maps.add(x);
        }
        return new Maps(maps.get(3), maps.get(6), maps.get(9));
    }

    static Tensor relu6(Tensor x) {
        return x.clamp(0, 6);
    }

    /// A convolution with its bias.
    ///
    /// @param how stride, padding, groups
    /// @param weight (O, I / groups, K, K)
    /// @param bias (O)
    public record Convolution(Conv2d how, Parameter weight, Parameter bias) {
        private static Convolution of(Params params, Conv2d how, int in, int out, int kernel) {
            return new Convolution(
                    how,
                    params.declare("weight", Shape.of(out, in / how.groups(), kernel, kernel), Init.zeros()),
                    params.declare("bias", Shape.of(out), Init.zeros()));
        }

        static Convolution pointwise(Params params, int in, int out) {
            return of(params, Conv2d.padded(0), in, out, 1);
        }

        static Convolution same(Params params, int in, int out, int groups) {
            return of(params, Conv2d.padded(1).withGroups(groups), in, out, 3);
        }

        static Convolution strided(Params params, int in, int out, int groups) {
            return of(params, new Conv2d(2, 0, 1, 0, 1, groups), in, out, 3);
        }

        Tensor forward(Tensor x) {
            return x.conv2d(how, weight.on(x), bias.on(x));
        }
    }

    /// Widen, look at each channel's neighbourhood, narrow; around it a shortcut where shapes allow.
    ///
    /// @param expand 1 × 1 to six times the channels; `expanded_conv` does not have it
    /// @param depthwise 3 × 3 of every channel by itself
    /// @param project 1 × 1, no activation
    /// @param residual whether `x` is added: stride 1 and as many channels as before
    public record Bottleneck(
            Optional<Convolution> expand, Convolution depthwise, Convolution project, boolean residual) {
        private static Bottleneck of(Params params, String name, int in, int expansion, int out, boolean strided) {
            int hidden = in * expansion;
            Params depthwise = params.in(name + "_depthwise");
            return new Bottleneck(
                    expansion == 1
                            ? Optional.empty()
                            : Optional.of(Convolution.pointwise(params.in(name + "_expand"), in, hidden)),
                    strided
                            ? Convolution.strided(depthwise, hidden, hidden, hidden)
                            : Convolution.same(depthwise, hidden, hidden, hidden),
                    Convolution.pointwise(params.in(name + "_project"), hidden, out),
                    !strided && in == out);
        }

        /// (N, I, H, W) to (N, I · expansion, H, W).
        Tensor expanded(Tensor x) {
            return expand.map(e -> relu6(e.forward(x))).orElse(x);
        }

        Tensor forward(Tensor x) {
            Tensor seen = relu6(depthwise.forward(expanded(x))); // (N, I · expansion, H / stride, W / stride)
            Tensor narrow = project.forward(seen); // (N, O, H / stride, W / stride)
            return residual ? x.add(narrow) : narrow;
        }
    }
}
