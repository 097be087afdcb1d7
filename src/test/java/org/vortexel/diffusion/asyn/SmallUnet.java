package org.vortexel.diffusion.asyn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.vortexel.nn.Conv;
import org.vortexel.nn.GroupNorm;
import org.vortexel.nn.Init;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.nn.TimeEmbedding;
import org.vortexel.nn.TimedResNetBlock;
import org.vortexel.op.Attention;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// A text-conditioned U-Net of two resolutions as in Stable Diffusion, with the names of diffusers;
/// only as much of
/// it as AsynDM's reference needs to be held against.
final class SmallUnet {
    private static final float EPS = 1e-5f;
    private static final Init NONE = Init.zeros();

    private final Params params = new Params();
    private final int groups;
    private final int heads;
    private final TimeEmbedding time;
    private final Conv in;
    private final TimedResNetBlock down0;
    private final Transformer look0;
    private final Conv halve;
    private final TimedResNetBlock down1;
    private final TimedResNetBlock mid0;
    private final Transformer lookMid;
    private final TimedResNetBlock mid1;
    private final List<TimedResNetBlock> up0 = new ArrayList<>();
    private final Conv twice;
    private final List<TimedResNetBlock> up1 = new ArrayList<>();
    private final List<Transformer> lookUp = new ArrayList<>();
    private final GroupNorm last;
    private final Conv out;
    private final int text;
    private final int timeWidth;

    /// @param channels of pictures
    /// @param wide channels of the full resolution
    /// @param wider channels of the half resolution
    /// @param text width of token states
    SmallUnet(int channels, int wide, int wider, int text, int heads, int groups) {
        this.groups = groups;
        this.heads = heads;
        this.text = text;
        this.timeWidth = 4 * wide;
        time = TimeEmbedding.of(params.in("time_embedding"), wide, timeWidth);
        in = Conv.of(params.in("conv_in"), channels, wide, 3, NONE);
        down0 = block("down_blocks.0.resnets.0", wide, wide);
        look0 = new Transformer("down_blocks.0.attentions.0", wide);
        halve = Conv.of(params.in("down_blocks.0.downsamplers.0.conv"), wide, wide, 3, Conv2d.strided(2, 1), NONE);
        down1 = block("down_blocks.1.resnets.0", wide, wider);
        mid0 = block("mid_block.resnets.0", wider, wider);
        lookMid = new Transformer("mid_block.attentions.0", wider);
        mid1 = block("mid_block.resnets.1", wider, wider);
        up0.add(block("up_blocks.0.resnets.0", wider + wider, wider));
        up0.add(block("up_blocks.0.resnets.1", wider + wide, wider));
        twice = Conv.of(params.in("up_blocks.0.upsamplers.0.conv"), wider, wider, 3, NONE);
        up1.add(block("up_blocks.1.resnets.0", wider + wide, wide));
        up1.add(block("up_blocks.1.resnets.1", wide + wide, wide));
        lookUp.add(new Transformer("up_blocks.1.attentions.0", wide));
        lookUp.add(new Transformer("up_blocks.1.attentions.1", wide));
        last = GroupNorm.of(params.in("conv_norm_out"), wide, groups, EPS);
        out = Conv.of(params.in("conv_out"), wide, channels, 3, NONE);
    }

    Params params() {
        return params;
    }

    private TimedResNetBlock block(String name, int from, int to) {
        return TimedResNetBlock.of(params.in(name), from, to, timeWidth, groups, EPS);
    }

    /// @param x (N, C, H, W)
    /// @param times (N), or a map of them (N, H, W)
    /// @param states (N, L, S)
    /// @param seen given how the places of the full resolution look at the text, (N, H · W, L), layer
    /// after layer
    Tensor forward(Tensor x, Tensor times, Tensor states, List<Tensor> seen) {
        List<Tensor> none = new ArrayList<>();
        Tensor t = time.forward(times);
        Tensor first = in.forward(x);
        Tensor full = look0.forward(down0.forward(first, t), states, seen);
        Tensor halved = halve.forward(full);
        Tensor half = down1.forward(halved, t);
        Tensor h = mid1.forward(lookMid.forward(mid0.forward(half, t), states, none), t);
        h = up0.get(0).forward(Tensor.concat(1, h, half), t);
        h = up0.get(1).forward(Tensor.concat(1, h, halved), t);
        h = twice.forward(h.upsample(2));
        h = lookUp.get(0).forward(up1.get(0).forward(Tensor.concat(1, h, full), t), states, seen);
        h = lookUp.get(1).forward(up1.get(1).forward(Tensor.concat(1, h, first), t), states, seen);
        return out.forward(last.forward(h).silu());
    }

    private Linear linear(Params here, int from, int to) {
        return new Linear(here.declare("weight", Shape.of(to, from), NONE), Optional.empty());
    }

    /// One block of self-attention, attention to the text and a gated MLP over the places of a map.
    private final class Transformer {
        private final int width;
        private final GroupNorm norm;
        private final Conv projIn;
        private final List<LayerNorm> norms = new ArrayList<>();
        private final List<Linear> self = new ArrayList<>();
        private final List<Linear> cross = new ArrayList<>();
        private final Linear gated;
        private final Linear down;
        private final Conv projOut;

        Transformer(String name, int width) {
            this.width = width;
            Params here = params.in(name);
            norm = GroupNorm.of(here.in("norm"), width, groups, 1e-6f);
            projIn = Conv.of(here.in("proj_in"), width, width, 1, NONE);
            Params block = here.in("transformer_blocks.0");
            for (int i = 1; i <= 3; i++) {
                norms.add(LayerNorm.of(block.in("norm" + i), width, EPS));
            }
            attention(block.in("attn1"), self, width);
            attention(block.in("attn2"), cross, text);
            gated = Linear.of(block.in("ff.net.0.proj"), width, 8 * width);
            down = Linear.of(block.in("ff.net.2"), 4 * width, width);
            projOut = Conv.of(here.in("proj_out"), width, width, 1, NONE);
        }

        private void attention(Params here, List<Linear> layers, int keys) {
            layers.add(linear(here.in("to_q"), width, width));
            layers.add(linear(here.in("to_k"), keys, width));
            layers.add(linear(here.in("to_v"), keys, width));
            layers.add(Linear.of(here.in("to_out.0"), width, width));
        }

        Tensor forward(Tensor x, Tensor states, List<Tensor> seen) {
            int n = x.dim(0);
            int places = x.dim(2) * x.dim(3);
            Tensor h = projIn.forward(norm.forward(x)).reshape(n, width, places).permute(0, 2, 1); // (N, T, D)
            Tensor y = norms.get(0).forward(h);
            h = h.add(look(self, y, y, new ArrayList<>()));
            h = h.add(look(cross, norms.get(1).forward(h), states, seen));
            List<Tensor> parts = gated.forward(norms.get(2).forward(h)).chunk(2, -1);
            h = h.add(down.forward(parts.get(0).mul(parts.get(1).gelu())));
            return projOut.forward(h.permute(0, 2, 1).reshape(x.shape())).add(x);
        }

        private Tensor look(List<Linear> layers, Tensor from, Tensor at, List<Tensor> seen) {
            Tensor q = layers.get(0).forward(from);
            Tensor k = layers.get(1).forward(at);
            int headWidth = width / heads;
            Tensor queries = q.reshape(q.dim(0), q.dim(1), heads, headWidth).permute(0, 2, 1, 3);
            Tensor keys = k.reshape(k.dim(0), k.dim(1), heads, headWidth).permute(0, 2, 3, 1);
            seen.add(queries.matmul(keys)
                    .mul((float) (1 / Math.sqrt(headWidth)))
                    .softmax()
                    .mean(false, 1));
            return layers.get(3).forward(Attention.of(q, k, layers.get(2).forward(at), heads, null, false));
        }
    }
}
