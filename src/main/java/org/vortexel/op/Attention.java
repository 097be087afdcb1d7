package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.Shape;

/// Scaled dot-product attention of every head, on token layout: `softmax(scale q kᵀ + mask) v`.
///
/// Head `h` of a token is `headWidth` neighbouring numbers of its row, so queries, keys and values may live in one
/// packed tensor, side by side, and nothing is copied:
///
/// | input  | shape                         |                                                      |
/// |--------|-------------------------------|------------------------------------------------------|
/// | `q`    | (N, Tq, ·)                    | head `h` from column `h * headWidth`                 |
/// | `k`    | (N, Tk, W)                    | head `h` from column `kOffset + h * headWidth`       |
/// | `v`    | (N, Tk, W)                    | head `h` from column `vOffset + h * headWidth`       |
/// | `mask` | (N or 1, H or 1, Tq or 1, Tk) | added to the scores, -∞ hides a key; may be left out |
///
/// | output | shape                |                                                                           |
/// |--------|----------------------|---------------------------------------------------------------------------|
/// | `out`  | (N, Tq, H headWidth) | zeros for a query whose keys are all hidden                               |
/// | `lse`  | (N, H, Tq)           | log of the sum of exponentials, 0 where all is hidden; for the gradient    |
///
/// The gradient computes the weights `p = exp(score - lse)` again, so that no (Tq, Tk) matrix is ever stored:
/// `dv = pᵀ dout`, `ds = p (dout vᵀ - sum of dout out)`, `dq = scale ds k`, `dk = scale dsᵀ q`, `dmask = ds`.
///
/// Source: Vaswani et al. 2017, [arXiv:1706.03762](https://arxiv.org/abs/1706.03762), eq. 1; the gradient as in
/// Dao et al. 2022, [arXiv:2205.14135](https://arxiv.org/abs/2205.14135), appendix B.
///
/// @param heads how many heads, H
/// @param headWidth numbers per head and token
/// @param kOffset the column where the keys begin
/// @param vOffset the column where the values begin
/// @param causal whether query `i` sees only keys `0 … i`; then Tq = Tk
/// @param scale multiplies `q kᵀ`; usually `1 / sqrt(headWidth)`
public record Attention(int heads, int headWidth, int kOffset, int vOffset, boolean causal, float scale) implements Op {
    private static final Kernel FORWARD = Kernel.of(MethodHandles.lookup(), "attention");

    // Bits of the kernels' parameter `mode`.
    private static final int CAUSAL = 1;
    private static final int MASKED = 2;
    private static final int MASK_PER_BATCH = 4;
    private static final int MASK_PER_HEAD = 8;
    private static final int MASK_PER_QUERY = 16;

    /// Every token looks at every other: `qkv` (N, T, 3 D) holds queries, keys and values side by side.
    ///
    /// @return (N, T, D)
    public static Tensor self(Tensor qkv, int heads) {
        return self(qkv, heads, null, false);
    }

    /// Self-attention on packed `qkv` (N, T, 3 D).
    ///
    /// @param mask added to the scores, broadcast to (N, H, T, T); null for none
    /// @param causal whether a token sees only itself and those before it
    /// @return (N, T, D)
    public static Tensor self(Tensor qkv, int heads, @Nullable Tensor mask, boolean causal) {
        int width = part(qkv, 3, heads, "qkv (N, T, 3 D)");
        return record(packed(width, heads, width, 2 * width, causal), qkv, qkv, qkv, mask);
    }

    /// Tokens `q` (N, T, D) look at other tokens, whose keys and values lie side by side in `kv` (N, L, 2 D).
    ///
    /// @param mask added to the scores, broadcast to (N, H, T, L); null for none
    /// @return (N, T, D)
    public static Tensor cross(Tensor q, Tensor kv, int heads, @Nullable Tensor mask) {
        int width = part(kv, 2, heads, "kv (N, L, 2 D)");
        return record(packed(width, heads, 0, width, false), q, kv, kv, mask);
    }

    /// Attention of separate `q` (N, Tq, D), `k` and `v` (N, Tk, D).
    ///
    /// @param mask added to the scores, broadcast to (N, H, Tq, Tk); null for none
    /// @param causal whether query `i` sees only keys `0 … i`
    /// @return (N, Tq, D)
    public static Tensor of(Tensor q, Tensor k, Tensor v, int heads, @Nullable Tensor mask, boolean causal) {
        int width = part(q, 1, heads, "q (N, T, D)");
        return record(packed(width, heads, 0, 0, causal), q, k, v, mask);
    }

    private static int part(Tensor packed, int parts, int heads, String wanted) {
        if (packed.shape().rank() != 3 || heads < 1 || packed.dim(2) % (parts * heads) != 0) {
            throw new IllegalArgumentException("Attention with " + heads + " heads expected " + wanted
                    + " with D a multiple of the heads, but got " + packed.shape());
        }
        return packed.dim(2) / parts;
    }

    private static Attention packed(int width, int heads, int kOffset, int vOffset, boolean causal) {
        int headWidth = width / heads;
        return new Attention(heads, headWidth, kOffset, vOffset, causal, (float) (1 / Math.sqrt(headWidth)));
    }

    private static Tensor record(Attention op, Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
        List<Tensor> inputs = mask == null ? List.of(q, k, v) : List.of(q, k, v, rank4(mask));
        return q.tape().record(op, inputs).getFirst();
    }

    private static Tensor rank4(Tensor mask) {
        int[] sizes = {1, 1, 1, 1};
        int[] given = mask.shape().toArray();
        if (given.length > 4) {
            throw new IllegalArgumentException("Attention expected a mask (N, H, Tq, Tk) but got " + mask.shape());
        }
        System.arraycopy(given, 0, sizes, 4 - given.length, given.length);
        return mask.reshape(Shape.of(sizes));
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        Shape q = in.get(0);
        Shape k = in.get(1);
        Shape v = in.get(2);
        int width = heads * headWidth;
        boolean fits = q.rank() == 3
                && k.rank() == 3
                && k.equals(v)
                && q.dim(0) == k.dim(0)
                && q.dim(2) >= width
                && k.dim(2) >= Math.max(kOffset, vOffset) + width
                && (!causal || q.dim(1) == k.dim(1));
        if (!fits) {
            throw new IllegalArgumentException("Attention of " + heads + " heads of " + headWidth
                    + (causal ? ", causal," : "") + " does not fit q " + q + ", k " + k + " from column " + kOffset
                    + ", v " + v + " from column " + vOffset);
        }
        if (in.size() > 3) {
            checkMask(in.get(3), new int[] {q.dim(0), heads, q.dim(1), k.dim(1)});
        }
        return List.of(Shape.of(q.dim(0), q.dim(1), width), Shape.of(q.dim(0), heads, q.dim(1)));
    }

    private static void checkMask(Shape mask, int[] wanted) {
        for (int i = 0; i < 4; i++) {
            if (mask.rank() != 4 || (mask.dim(i) != wanted[i] && (i == 3 || mask.dim(i) != 1))) {
                throw new IllegalArgumentException("Attention expected a mask that broadcasts to " + Shape.of(wanted)
                        + ", with all keys, but got " + mask);
            }
        }
    }

    private int mode(List<Shape> masks) {
        int mode = causal ? CAUSAL : 0;
        for (Shape mask : masks) {
            mode |= MASKED
                    | (mask.dim(0) > 1 ? MASK_PER_BATCH : 0)
                    | (mask.dim(1) > 1 ? MASK_PER_HEAD : 0)
                    | (mask.dim(2) > 1 ? MASK_PER_QUERY : 0);
        }
        return mode;
    }

    @Override
    public double flops(List<Shape> in, List<Shape> out) {
        return 2 * product(in.get(0), in.get(1));
    }

    /// The operations of one product over all pairs of a query and a key.
    private double product(Shape q, Shape k) {
        return 2.0 * q.dim(0) * heads * q.dim(1) * k.dim(1) * headWidth;
    }

    @Override
    public void lower(Lowering to) {
        boolean masked = to.inputs() > 3;
        Tensor q = to.in(0);
        Tensor k = to.in(1);
        to.launch(
                FORWARD,
                to.out(1).size(),
                to.out(0),
                to.out(1),
                q,
                k,
                to.in(2),
                masked ? to.in(3) : k, // some array must be given; without MASKED it is not read
                q.dim(2),
                k.dim(2),
                kOffset,
                vOffset,
                heads,
                headWidth,
                q.dim(1),
                k.dim(1),
                mode(masked ? List.of(to.in(3).shape()) : List.of()),
                scale);
    }

    @Override
    public void gradient(Backward at) {
        Tensor q = at.in(0);
        Tensor k = at.in(1);
        Tensor v = at.in(2);
        Packing packing = q == k && k == v ? Packing.SELF : k == v ? Packing.CROSS : Packing.SEPARATE;
        int width = heads * headWidth;
        int parts = packing == Packing.SELF ? 3 : 1;
        boolean ordered = k == v || (q != k && q != v);
        if (!ordered || q.dim(2) != parts * width || k.dim(2) != packing.keyParts * width) {
            throw new IllegalArgumentException("Attention has a gradient where q, k and v fill their tensors, but q is "
                    + q + ", k " + k + ", v " + v + " for " + heads + " heads of " + headWidth);
        }
        boolean masked = at.inputs() > 3;
        Gradient op = new Gradient(this, packing, masked && at.wants(3));
        List<Tensor> inputs = new ArrayList<>(List.of(at.grad(0), at.out(0), at.out(1), q, k, v));
        if (masked) {
            inputs.add(at.in(3));
        }
        List<Tensor> gradients = q.tape().record(op, inputs);
        for (int i = 0; i < packing.tensors; i++) {
            at.give(i, gradients.get(i));
        }
        if (op.ofMask) {
            at.give(3, gradients.getLast().sumTo(at.in(3).shape()));
        }
    }

    /// Which of `q`, `k`, `v` share a tensor.
    public enum Packing {
        /// All three, in the order q, k, v.
        SELF(1, 3),
        /// Keys and values, in this order.
        CROSS(2, 2),
        /// None.
        SEPARATE(3, 1);

        private final int tensors;
        private final int keyParts;

        Packing(int tensors, int keyParts) {
            this.tensors = tensors;
            this.keyParts = keyParts;
        }

        /// How many different tensors there are.
        public int tensors() {
            return tensors;
        }
    }

    /// The gradient of an attention.
    ///
    /// Inputs: `dout`, `out` (N, Tq, D), `lse` (N, H, Tq), then the forward op's `q`, `k`, `v` and `mask`, if any.
    /// Outputs: one gradient for each different tensor among `q`, `k`, `v`, packed as that tensor is; then `delta`
    /// (N, H, Tq), the sum of `dout out` over a head; then, if wanted, the gradient of the scores (N, H, Tq, Tk),
    /// whose sum over broadcast axes is the gradient of the mask.
    ///
    /// @param of the forward op
    /// @param packing which inputs are one tensor
    /// @param ofMask whether the gradient of the scores is wanted too
    public record Gradient(Attention of, Packing packing, boolean ofMask) implements Op {
        private static final Kernel DELTA = Kernel.of(MethodHandles.lookup(), "attentionDelta");
        private static final Kernel QUERY = Kernel.of(MethodHandles.lookup(), "attentionGradientQuery");
        private static final Kernel KEY = Kernel.of(MethodHandles.lookup(), "attentionGradientKey");
        private static final Kernel VALUE = Kernel.of(MethodHandles.lookup(), "attentionGradientValue");
        private static final Kernel SCORE = Kernel.of(MethodHandles.lookup(), "attentionGradientScore");

        @Override
        public String name() {
            return "Attention.Gradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            Shape lse = in.get(2);
            List<Shape> out = new ArrayList<>();
            for (int i = 0; i < packing.tensors; i++) {
                out.add(in.get(3 + i));
            }
            out.add(lse);
            if (ofMask) {
                out.add(Shape.of(lse.dim(0), lse.dim(1), lse.dim(2), in.get(4).dim(1)));
            }
            return out;
        }

        @Override
        public double flops(List<Shape> in, List<Shape> out) {
            return 5 * of.product(in.get(3), in.get(4)); // scores again, then the slopes of v, scores, q and k
        }

        @Override
        public void lower(Lowering to) {
            Tensor dout = to.in(0);
            Tensor lse = to.in(2);
            Tensor q = to.in(3);
            Tensor k = to.in(4);
            Tensor v = to.in(5);
            boolean masked = to.inputs() > 6;
            Tensor mask = masked ? to.in(6) : k; // as in the forward op
            Tensor delta = to.out(packing.tensors);
            Object[] sizes = {
                q.dim(2),
                k.dim(2),
                of.kOffset,
                of.vOffset,
                of.heads,
                of.headWidth,
                q.dim(1),
                k.dim(1),
                of.mode(masked ? List.of(mask.shape()) : List.of()),
                of.scale
            };
            int queries = lse.size();
            int keys = q.dim(0) * of.heads * k.dim(1);
            Tensor dq = to.out(0);
            Tensor dk = to.out(Math.min(1, packing.tensors - 1));
            Tensor dv = to.out(packing.tensors - 1);
            to.launch(DELTA, queries, delta, dout, to.in(1), of.heads, of.headWidth, q.dim(1));
            to.launch(QUERY, queries, join(sizes, dq, dout, delta, lse, q, k, v, mask));
            to.launch(KEY, keys, join(sizes, dk, dout, delta, lse, q, k, v, mask));
            to.launch(VALUE, keys, join(sizes, dv, dout, lse, q, k, mask));
            if (ofMask) {
                to.launch(SCORE, queries, join(sizes, to.out(packing.tensors + 1), dout, delta, lse, q, k, v, mask));
            }
        }

        private static Object[] join(Object[] sizes, Object... arrays) {
            Object[] all = Arrays.copyOf(arrays, arrays.length + sizes.length);
            System.arraycopy(sizes, 0, all, arrays.length, sizes.length);
            return all;
        }

        /// `delta[n, h, i] = sum over c of dout[n, i, h, c] out[n, i, h, c]`; a row is one (n, h, i).
        public static void attentionDelta(
                float[] delta, float[] dout, float[] out, int heads, int headWidth, int queries, int begin, int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int n = row / (heads * queries);
                int h = row / queries - n * heads;
                int i = row - (n * heads + h) * queries;
                int start = ((n * queries + i) * heads + h) * headWidth;
                delta[row] = dot(dout, start, out, start, headWidth);
            }
        }

        /// `dq[n, i, h] = scale * sum over j of p[i, j] (dout[i] v[j] - delta[i]) k[j]`; a row is one (n, h,
        /// i). `dq` is laid out as `q`, only its queries are written.
        public static void attentionGradientQuery(
                float[] dq,
                float[] dout,
                float[] delta,
                float[] lse,
                float[] q,
                float[] k,
                float[] v,
                float[] mask,
                int qStride,
                int kvStride,
                int kOffset,
                int vOffset,
                int heads,
                int headWidth,
                int queries,
                int keys,
                int mode,
                float scale,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int n = row / (heads * queries);
                int h = row / queries - n * heads;
                int i = row - (n * heads + h) * queries;
                int qStart = (n * queries + i) * qStride + h * headWidth;
                int outStart = ((n * queries + i) * heads + h) * headWidth;
                int kStart = n * keys * kvStride + kOffset + h * headWidth;
                int vStart = n * keys * kvStride + vOffset + h * headWidth;
                int maskStart = maskRow(n, h, i, heads, queries, keys, mode);
                for (int c = 0; c < headWidth; c++) {
                    dq[qStart + c] = 0;
                }
                int seen = (mode & CAUSAL) != 0 ? i + 1 : keys;
                for (int j = 0; j < seen; j++) {
                    float score = scale * dot(q, qStart, k, kStart + j * kvStride, headWidth);
                    if ((mode & MASKED) != 0) {
                        score += mask[maskStart + j];
                    }
                    float p = (float) Math.exp(score - lse[row]);
                    float ds = p * (dot(dout, outStart, v, vStart + j * kvStride, headWidth) - delta[row]);
                    for (int c = 0; c < headWidth; c++) {
                        dq[qStart + c] += ds * k[kStart + j * kvStride + c];
                    }
                }
                for (int c = 0; c < headWidth; c++) {
                    dq[qStart + c] *= scale;
                }
            }
        }

        /// `dk[n, j, h] = scale * sum over i of p[i, j] (dout[i] v[j] - delta[i]) q[i]`; a row is one (n, h,
        /// j). `dk` is laid out as `k`, only its keys are written.
        public static void attentionGradientKey(
                float[] dk,
                float[] dout,
                float[] delta,
                float[] lse,
                float[] q,
                float[] k,
                float[] v,
                float[] mask,
                int qStride,
                int kvStride,
                int kOffset,
                int vOffset,
                int heads,
                int headWidth,
                int queries,
                int keys,
                int mode,
                float scale,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int n = row / (heads * keys);
                int h = row / keys - n * heads;
                int j = row - (n * heads + h) * keys;
                int kStart = (n * keys + j) * kvStride + kOffset + h * headWidth;
                int vStart = (n * keys + j) * kvStride + vOffset + h * headWidth;
                for (int c = 0; c < headWidth; c++) {
                    dk[kStart + c] = 0;
                }
                for (int i = (mode & CAUSAL) != 0 ? j : 0; i < queries; i++) {
                    int qStart = (n * queries + i) * qStride + h * headWidth;
                    int outStart = ((n * queries + i) * heads + h) * headWidth;
                    int statistic = (n * heads + h) * queries + i;
                    float score = scale * dot(q, qStart, k, kStart, headWidth);
                    if ((mode & MASKED) != 0) {
                        score += mask[maskRow(n, h, i, heads, queries, keys, mode) + j];
                    }
                    float p = (float) Math.exp(score - lse[statistic]);
                    float ds = p * (dot(dout, outStart, v, vStart, headWidth) - delta[statistic]);
                    for (int c = 0; c < headWidth; c++) {
                        dk[kStart + c] += ds * q[qStart + c];
                    }
                }
                for (int c = 0; c < headWidth; c++) {
                    dk[kStart + c] *= scale;
                }
            }
        }

        /// `dv[n, j, h] = sum over i of p[i, j] dout[i]`; a row is one (n, h, j).
        /// `dv` is laid out as `v`, only its values are written.
        public static void attentionGradientValue(
                float[] dv,
                float[] dout,
                float[] lse,
                float[] q,
                float[] k,
                float[] mask,
                int qStride,
                int kvStride,
                int kOffset,
                int vOffset,
                int heads,
                int headWidth,
                int queries,
                int keys,
                int mode,
                float scale,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int n = row / (heads * keys);
                int h = row / keys - n * heads;
                int j = row - (n * heads + h) * keys;
                int kStart = (n * keys + j) * kvStride + kOffset + h * headWidth;
                int vStart = (n * keys + j) * kvStride + vOffset + h * headWidth;
                for (int c = 0; c < headWidth; c++) {
                    dv[vStart + c] = 0;
                }
                for (int i = (mode & CAUSAL) != 0 ? j : 0; i < queries; i++) {
                    int qStart = (n * queries + i) * qStride + h * headWidth;
                    int outStart = ((n * queries + i) * heads + h) * headWidth;
                    float score = scale * dot(q, qStart, k, kStart, headWidth);
                    if ((mode & MASKED) != 0) {
                        score += mask[maskRow(n, h, i, heads, queries, keys, mode) + j];
                    }
                    float p = (float) Math.exp(score - lse[(n * heads + h) * queries + i]);
                    for (int c = 0; c < headWidth; c++) {
                        dv[vStart + c] += p * dout[outStart + c];
                    }
                }
            }
        }

        /// `ds[n, h, i, j] = p[i, j] (dout[i] v[j] - delta[i])`, the gradient of the scores; a row is one (n,
        /// h, i).
        public static void attentionGradientScore(
                float[] ds,
                float[] dout,
                float[] delta,
                float[] lse,
                float[] q,
                float[] k,
                float[] v,
                float[] mask,
                int qStride,
                int kvStride,
                int kOffset,
                int vOffset,
                int heads,
                int headWidth,
                int queries,
                int keys,
                int mode,
                float scale,
                int begin,
                int count) {
            for (@Parallel int r = 0; r < count; r++) {
                int row = begin + r;
                int n = row / (heads * queries);
                int h = row / queries - n * heads;
                int i = row - (n * heads + h) * queries;
                int qStart = (n * queries + i) * qStride + h * headWidth;
                int outStart = ((n * queries + i) * heads + h) * headWidth;
                int kStart = n * keys * kvStride + kOffset + h * headWidth;
                int vStart = n * keys * kvStride + vOffset + h * headWidth;
                int maskStart = maskRow(n, h, i, heads, queries, keys, mode);
                int seen = (mode & CAUSAL) != 0 ? i + 1 : keys;
                for (int j = 0; j < seen; j++) {
                    float score = scale * dot(q, qStart, k, kStart + j * kvStride, headWidth);
                    if ((mode & MASKED) != 0) {
                        score += mask[maskStart + j];
                    }
                    float p = (float) Math.exp(score - lse[row]);
                    ds[row * keys + j] = p * (dot(dout, outStart, v, vStart + j * kvStride, headWidth) - delta[row]);
                }
                for (int j = seen; j < keys; j++) {
                    ds[row * keys + j] = 0;
                }
            }
        }
    }

    /// `out[n, i, h] = sum over j of p[i, j] v[n, j, h]`, `p[i] = softmax(scale q[i] kᵀ + mask[i])`; a row is one
    /// (n, h, i).
    ///
    /// | argument      | shape                                 |                                            |
    /// |---------------|---------------------------------------|--------------------------------------------|
    /// | `out`         | (N, Tq, H, headWidth)                 | written                                    |
    /// | `lse`         | (N, H, Tq)                            | written                                    |
    /// | `q`, `k`, `v` | rows of `qStride`, `kvStride` numbers | read; may be one array                     |
    /// | `mask`        | see the class                         | read if `mode` says so                     |
    /// | `mode`        | 1 causal + 2 masked                   | + 4, 8, 16: a mask per batch, head, query  |
    public static void attention(
            float[] out,
            float[] lse,
            float[] q,
            float[] k,
            float[] v,
            float[] mask,
            int qStride,
            int kvStride,
            int kOffset,
            int vOffset,
            int heads,
            int headWidth,
            int queries,
            int keys,
            int mode,
            float scale,
            int begin,
            int count) {
        for (@Parallel int r = 0; r < count; r++) {
            int row = begin + r;
            int n = row / (heads * queries);
            int h = row / queries - n * heads;
            int i = row - (n * heads + h) * queries;
            int qStart = (n * queries + i) * qStride + h * headWidth;
            int outStart = ((n * queries + i) * heads + h) * headWidth;
            int kStart = n * keys * kvStride + kOffset + h * headWidth;
            int vStart = n * keys * kvStride + vOffset + h * headWidth;
            int maskStart = maskRow(n, h, i, heads, queries, keys, mode);
            int seen = (mode & CAUSAL) != 0 ? i + 1 : keys;
            float max = -Float.MAX_VALUE;
            for (int j = 0; j < seen; j++) {
                float score = scale * dot(q, qStart, k, kStart + j * kvStride, headWidth);
                if ((mode & MASKED) != 0) {
                    score += mask[maskStart + j];
                }
                max = Math.max(max, score);
            }
            for (int c = 0; c < headWidth; c++) {
                out[outStart + c] = 0;
            }
            float sum = 0; // stays 0 where every score is -∞
            for (int j = 0; j < seen; j++) {
                float score = scale * dot(q, qStart, k, kStart + j * kvStride, headWidth);
                if ((mode & MASKED) != 0) {
                    score += mask[maskStart + j];
                }
                float p = (float) Math.exp(score - max);
                sum += p;
                for (int c = 0; c < headWidth; c++) {
                    out[outStart + c] += p * v[vStart + j * kvStride + c];
                }
            }
            if (sum > 0) {
                for (int c = 0; c < headWidth; c++) {
                    out[outStart + c] /= sum;
                }
            }
            lse[row] = sum > 0 ? max + (float) Math.log(sum) : 0;
        }
    }

    /// Where the mask's keys begin for query `i` of head `h` of batch element `n`.
    private static int maskRow(int n, int h, int i, int heads, int queries, int keys, int mode) {
        int row = (mode & MASK_PER_BATCH) != 0 ? n : 0;
        if ((mode & MASK_PER_HEAD) != 0) {
            row = row * heads + h;
        }
        if ((mode & MASK_PER_QUERY) != 0) {
            row = row * queries + i;
        }
        return row * keys;
    }

    private static float dot(float[] a, int aStart, float[] b, int bStart, int length) {
        float sum = 0;
        for (int c = 0; c < length; c++) {
            sum += a[aStart + c] * b[bStart + c];
        }
        return sum;
    }
}
