package org.vortexel.ar.masc;

import java.util.Arrays;
import org.vortexel.codebook.Partition;
import org.vortexel.nn.Embedding;
import org.vortexel.nn.Init;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Mlp;
import org.vortexel.nn.Params;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Predicts the code of every position among the members of its cluster, from the states of a trained [BranchGpt].
///
/// One layer of a transformer decoder: `q = in(h) + E[cluster]`; causal self-attention of `q`, causal
/// cross-attention to `in(h)`, a feed-forward layer, then logits of the members of the position's cluster.
///
/// Source: [arXiv:2510.04220](https://arxiv.org/abs/2510.04220), hierarchical decoding. *Departs from the paper*,
/// which gives the parts (one layer, 4 heads, width 512) but not how they are wired or trained: norms stand before
/// the branches, and both attentions are causal.
public final class Refiner {
    private static final float EPS = 1e-5f;

    /// The sizes.
    ///
    /// @param states width of the transformer's states, D
    /// @param width of the layer; 512 in the paper
    /// @param heads 4 in the paper
    public record Config(int states, int width, int heads) {
        /// The paper's, on states of the given width.
        public static Config published(int states) {
            return new Config(states, 512, 4);
        }
    }

    private final Config config;
    private final Partition partition;
    private final Params params = new Params();
    private final Linear in;
    private final Embedding clusters;
    private final LayerNorm selfNorm;
    private final Linear selfQkv;
    private final Linear selfOut;
    private final LayerNorm crossNorm;
    private final Linear crossQ;
    private final Linear crossKv;
    private final Linear crossOut;
    private final LayerNorm mlpNorm;
    private final Mlp mlp;
    private final LayerNorm lastNorm;
    private final Linear head;

    /// A refiner of the given sizes for the clusters of a partition; it has names and shapes, no numbers.
    public Refiner(Config config, Partition partition) {
        this.config = config;
        this.partition = partition;
        int width = config.width();
        Params here = params.in("refiner"); // apart from the transformer, whose program it joins
        Init init = Init.normal(0.02f);
        in = Linear.of(here.in("in_proj"), config.states(), width, init);
        clusters = Embedding.of(here.in("cluster_embed"), partition.clusters(), width);
        selfNorm = LayerNorm.of(here.in("norm1"), width, EPS);
        selfQkv = Linear.of(here.in("self_attn.qkv"), width, 3 * width, init);
        selfOut = Linear.of(here.in("self_attn.out"), width, width, init);
        crossNorm = LayerNorm.of(here.in("norm2"), width, EPS);
        crossQ = Linear.of(here.in("cross_attn.q"), width, width, init);
        crossKv = Linear.of(here.in("cross_attn.kv"), width, 2 * width, init);
        crossOut = Linear.of(here.in("cross_attn.out"), width, width, init);
        mlpNorm = LayerNorm.of(here.in("norm3"), width, EPS);
        mlp = Mlp.of(here.in("mlp"), width, 4 * width, width);
        lastNorm = LayerNorm.of(here.in("norm"), width, EPS);
        head = Linear.of(here.in("fine_head"), width, partition.codes(), init);
    }

    /// Names, shapes and initial values of what it learns.
    public Params params() {
        return params;
    }

    /// The members that a position may take, as inputs of a program.
    ///
    /// @param ids (N, T, M), the cluster's members in ascending order, then its first member again up to the
    /// size M of the largest cluster
    /// @param mask (N, T, M): 0 for members, -∞ for what fills up
    public record Choices(int[] ids, float[] mask) {}

    /// The size of the largest cluster, M.
    public int choices() {
        return Arrays.stream(partition.members()).mapToInt(m -> m.length).max().orElseThrow();
    }

    /// The members of the clusters of a batch, in the order of `branches`.
    public Choices choicesOf(int... branches) {
        int most = choices();
        int[] ids = new int[branches.length * most];
        float[] mask = new float[ids.length];
        for (int t = 0; t < branches.length; t++) {
            int[] members = partition.members()[branches[t]];
            for (int m = 0; m < most; m++) {
                ids[t * most + m] = members[m < members.length ? m : 0];
                mask[t * most + m] = m < members.length ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return new Choices(ids, mask);
    }

    /// The places of codes among the members of their clusters: the targets of training.
    public int[] places(int... codes) {
        return Arrays.stream(codes)
                .map(id -> Arrays.binarySearch(partition.members()[partition.labels()[id]], id))
                .toArray();
    }

    /// Records the logits of the members of every position's cluster, (N, T, M), -∞ where there are fewer.
    ///
    /// Only the members' rows of the head are looked at, so the cost does not grow with the codebook.
    ///
    /// @param states (N, T, D), the transformer's last states where it predicts the clusters
    /// @param branches (N, T) ids of clusters
    /// @param members (N, T, M) ids of codes, see [#choicesOf]
    /// @param mask (N, T, M)
    /// @throws IllegalArgumentException when a shape differs
    public Tensor forward(Tensor states, Tensor branches, Tensor members, Tensor mask) {
        if (states.shape().rank() != 3
                || states.dim(2) != config.states()
                || !branches.shape().equals(Shape.of(states.dim(0), states.dim(1)))
                || !members.shape().equals(Shape.of(states.dim(0), states.dim(1), choices()))
                || !mask.shape().equals(members.shape())) {
            throw new IllegalArgumentException("Refiner: expected states (N, T, " + config.states()
                    + "), clusters (N, T), members and mask (N, T, " + choices() + ") but got " + states.shape() + ", "
                    + branches.shape() + ", " + members.shape() + " and " + mask.shape());
        }
        return states.tape().in("refiner", () -> {
            int n = states.dim(0);
            int t = states.dim(1);
            Tensor memory = in.forward(states); // (N, T, W)
            Tensor h = memory.add(clusters.forward(branches)); // (N, T, W)
            h = h.add(
                    selfOut.forward(Attention.self(selfQkv.forward(selfNorm.forward(h)), config.heads(), null, true)));
            h = h.add(crossOut.forward(Attention.cross(
                    crossQ.forward(crossNorm.forward(h)),
                    crossKv.forward(memory),
                    config.heads(),
                    states.tape().constant(past(t)))));
            h = h.add(mlp.forward(mlpNorm.forward(h)));
            h = lastNorm.forward(h).reshape(n, t, 1, config.width()); // (N, T, 1, W)
            Tensor weight = head.weight().on(h);
            Tensor bias = head.bias().orElseThrow().on(h).reshape(partition.codes(), 1);
            Tensor rows = org.vortexel.op.Embedding.of(weight, members); // (N, T, M, W)
            Tensor offsets = org.vortexel.op.Embedding.of(bias, members).reshape(n, t, choices());
            return h.mul(rows).sum(false, 3).add(offsets).add(mask); // (N, T, M)
        });
    }

    /// (T, T): 0 for the past and itself, -∞ for the future.
    private static NdArray past(int t) {
        NdArray mask = NdArray.zeros(Shape.of(t, t));
        for (int i = 0; i < t; i++) {
            Arrays.fill(mask.data(), i * t + i + 1, (i + 1) * t, Float.NEGATIVE_INFINITY);
        }
        return mask;
    }
}
