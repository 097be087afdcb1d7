package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.Packing.ROWS;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;
import static org.vortexel.device.host.VectorMath.tail;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/// The twin of `org.vortexel.op.Attention`: one head of one picture at a time, a block of queries against all
/// keys, its scores kept in cache. The products are those of [Gemm]; the backward pass works the weights out
/// once for all three gradients.
///
/// One head of one picture is the piece of work that threads share out; nothing in it depends on how.
final class VectorAttention {
    /// The numbers that a block of scores may take: a quarter of a 512 KiB L2 cache.
    private static final int BLOCK = 32 * 1024;
    /// The fewest queries in a block, so that packing the keys for each block costs little beside using them.
    private static final int QUERIES = 60;

    /// Keys whose scores for a panel of queries are made at once: 32 KiB of them with AVX-512, whole tiles.
    private static final int KEYS = 252;
    /// Where the sums and the largest scores of a panel's queries stand, behind its factors.
    private static final int SUM = COLUMNS;
    private static final int MAX = 2 * COLUMNS;
    /// The most queries that are done one by one, reading keys and values where they lie.
    private static final int FEW = 4;
    /// Fewer keys than these are not worth a way of their own.
    private static final int MANY = 16;

    private VectorAttention() {}

    /// Where the operands lie; names as in the op.
    ///
    /// @param mask added to the scores; empty for none
    record Operands(
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
            boolean causal,
            float scale,
            int maskBatch,
            int maskHead,
            int maskQuery) {
        int query(int n, int h, int i) {
            return (n * queries + i) * qStride + h * headWidth;
        }

        int key(int n, int h, int j) {
            return (n * keys + j) * kvStride + kOffset + h * headWidth;
        }

        int value(int n, int h, int j) {
            return (n * keys + j) * kvStride + vOffset + h * headWidth;
        }

        int out(int n, int h, int i) {
            return ((n * queries + i) * heads + h) * headWidth;
        }

        /// How many keys query `i` sees.
        int seen(int i) {
            return causal ? i + 1 : keys;
        }

        /// How many queries make a block.
        int block() {
            int most = Math.max(QUERIES, BLOCK / Math.max(1, keys));
            int blocks = Math.max(1, Math.ceilDiv(queries, most));
            return Math.ceilDiv(Math.ceilDiv(queries, blocks), Packing.ROWS) * Packing.ROWS;
        }
    }

    /// Writes `out` and `lse` of pair `pair = n * heads + h`.
    static void forward(float[] out, float[] lse, Operands o, int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        if (o.queries <= FEW && o.keys >= MANY) {
            for (int i = 0; i < o.queries; i++) {
                lse[pair * o.queries + i] = query(out, o, n, h, i);
            }
            return;
        }
        if (o.mask.length == 0 || o.maskQuery == 0) {
            panels(out, lse, o, n, h);
            return;
        }
        int block = o.block();
        float[] p = Scratch.ofThread().scores(block * o.keys);
        for (int first = 0; first < o.queries; first += block) {
            int rows = Math.min(block, o.queries - first);
            int keys = o.seen(first + rows - 1);
            scores(p, o, n, h, first, rows, keys);
            for (int r = 0; r < rows; r++) {
                int at = r * keys;
                int seen = o.seen(first + r);
                float max = Rows.max(p, at, seen);
                boolean hidden = max == Float.NEGATIVE_INFINITY;
                float sum = hidden ? 1 : Rows.exponentials(p, at, p, at, seen, max);
                Rows.affine(p, at, p, at, seen, 1 / sum, 0);
                Arrays.fill(p, hidden ? at : at + seen, at + keys, 0);
                // Plus infinity makes the gradient's weights exp(score - lse) 0.
                lse[pair * o.queries + first + r] = hidden ? Float.POSITIVE_INFINITY : max + (float) Math.log(sum);
            }
            int to = o.out(n, h, first);
            int stride = o.heads * o.headWidth;
            Gemm.alone(
                    rows,
                    o.headWidth,
                    keys,
                    p,
                    0,
                    keys,
                    false,
                    o.v,
                    o.value(n, h, 0),
                    o.kvStride,
                    false,
                    out,
                    to,
                    stride,
                    false);
        }
    }

    /// Attends with the scores of a panel of queries side by side, key after key, as [Gemm] packs its right
    /// matrix: `k qᵀ` gives them so, their maxima and sums are then those of whole vectors, and the product
    /// with the values reads them where they are. Keys come in blocks whose scores stay in the nearest cache;
    /// what was summed before is scaled when a block brings a larger maximum.
    ///
    /// Source: Milakov and Gimelshein 2018, [arXiv:1805.02867](https://arxiv.org/abs/1805.02867), algorithm 3.
    private static void panels(float[] out, float[] lse, Operands o, int n, int h) {
        int width = o.headWidth;
        int wide = Packing.panels(width) * COLUMNS;
        Scratch scratch = Scratch.ofThread();
        float[] keys = scratch.left(Packing.leftSize(o.keys, width));
        float[] values = scratch.right(wide * o.keys);
        float[] p = scratch.scores((KEYS + ROWS) * COLUMNS);
        float[] queries = scratch.slopes(width * COLUMNS);
        float[] sums = scratch.padded((COLUMNS + ROWS) * wide);
        float[] statistics = scratch.lines(3 * COLUMNS);
        Packing.left(keys, 0, o.k, o.key(n, h, 0), o.kvStride, false, 0, o.keys, 0, width);
        Packing.right(values, 0, o.v, o.value(n, h, 0), o.kvStride, false, 0, width, 0, o.keys);
        int mask = n * o.maskBatch + h * o.maskHead;
        for (int first = 0; first < o.queries; first += COLUMNS) {
            int count = Math.min(COLUMNS, o.queries - first);
            int seen = o.seen(first + count - 1);
            Packing.right(queries, 0, o.q, o.query(n, h, first), o.qStride, true, 0, count, 0, width);
            Arrays.fill(statistics, SUM, SUM + COLUMNS, 0);
            Arrays.fill(statistics, MAX, MAX + COLUMNS, Float.NEGATIVE_INFINITY);
            Arrays.fill(sums, 0, count * wide, 0);
            for (int block = 0; block < seen; block += KEYS) {
                int some = Math.min(KEYS, seen - block);
                for (int j = 0; j < some; j += ROWS) {
                    int height = Math.min(ROWS, some - j);
                    Gemm.clear(p, j * COLUMNS, COLUMNS, ROWS);
                    int from = (block + j) * width;
                    Gemm.tileOf(height, width, keys, from, ROWS, queries, 0, p, j * COLUMNS, COLUMNS);
                }
                float scale = o.scale;
                if (o.mask.length > 0) {
                    addMask(p, o.mask, mask + block, some, scale);
                    scale = 1;
                }
                if (o.causal) {
                    hideLater(p, first - block, some);
                }
                for (int half = 0; half < COLUMNS; half += LANES) {
                    largest(p, half, some, scale, statistics);
                    exponentials(p, half, some, scale, statistics);
                }
                if (block > 0) {
                    for (int i = 0; i < count; i++) {
                        Rows.affine(sums, i * wide, sums, i * wide, wide, statistics[i], 0);
                    }
                }
                weigh(sums, wide, p, some, count, values, block, o.keys);
            }
            finish(statistics, 0);
            finish(statistics, LANES);
            System.arraycopy(statistics, MAX, lse, (n * o.heads + h) * o.queries + first, count);
            int to = o.out(n, h, first);
            for (int i = 0; i < count; i++) {
                Rows.affine(out, to + i * o.heads * width, sums, i * wide, width, statistics[i], 0);
            }
        }
    }

    /// `p[j, i] = scale p[j, i] + mask[j]`.
    private static void addMask(float[] p, float[] mask, int at, int keys, float scale) {
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        for (int j = 0; j < keys; j++) {
            FloatVector m = FloatVector.broadcast(SPECIES, mask[at + j]);
            FloatVector.fromArray(SPECIES, p, j * COLUMNS).fma(factor, m).intoArray(p, j * COLUMNS);
            FloatVector.fromArray(SPECIES, p, j * COLUMNS + LANES)
                    .fma(factor, m)
                    .intoArray(p, j * COLUMNS + LANES);
        }
    }

    /// Query `first + i` does not see keys after itself.
    private static void hideLater(float[] p, int first, int keys) {
        for (int j = Math.max(0, first + 1); j < keys; j++) {
            Arrays.fill(p, j * COLUMNS, j * COLUMNS + Math.min(COLUMNS, j - first), Float.NEGATIVE_INFINITY);
        }
    }

    /// Brings the largest scores so far of a vector of queries up to date, those from column `at`, and gives
    /// the factors that what was summed before is to be scaled by.
    private static void largest(float[] p, int at, int keys, float scale, float[] statistics) {
        FloatVector max0 = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector max1 = max0;
        int j = 0;
        for (; j + 1 < keys; j += 2) {
            max0 = max0.max(FloatVector.fromArray(SPECIES, p, at + j * COLUMNS));
            max1 = max1.max(FloatVector.fromArray(SPECIES, p, at + (j + 1) * COLUMNS));
        }
        if (j < keys) {
            max0 = max0.max(FloatVector.fromArray(SPECIES, p, at + j * COLUMNS));
        }
        FloatVector before = FloatVector.fromArray(SPECIES, statistics, at + MAX);
        FloatVector largest = max0.max(max1).mul(scale).max(before);
        largest.intoArray(statistics, at + MAX);
        FloatVector shift = largest.blend(0f, largest.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
        VectorMath.expOfNegative(before.sub(shift)).intoArray(statistics, at);
    }

    /// `p = exp(scale p - largest)` for a vector of queries, from column `at`, and their sums.
    private static void exponentials(float[] p, int at, int keys, float scale, float[] statistics) {
        FloatVector largest = FloatVector.fromArray(SPECIES, statistics, at + MAX);
        FloatVector shift = largest.blend(0f, largest.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
                .neg();
        FloatVector factor = FloatVector.broadcast(SPECIES, scale);
        FloatVector sum = FloatVector.fromArray(SPECIES, statistics, at)
                .mul(FloatVector.fromArray(SPECIES, statistics, at + SUM));
        for (int j = 0; j < keys; j++) {
            FloatVector x = FloatVector.fromArray(SPECIES, p, at + j * COLUMNS).fma(factor, shift);
            FloatVector e = VectorMath.expOfNegative(x);
            e.intoArray(p, at + j * COLUMNS);
            sum = sum.add(e);
        }
        sum.intoArray(statistics, at + SUM);
    }

    /// Turns sums into the factors `1 / sum`, and the largest scores into logarithms of sums of exponentials.
    private static void finish(float[] statistics, int to) {
        FloatVector sum = FloatVector.fromArray(SPECIES, statistics, to + SUM);
        FloatVector largest = FloatVector.fromArray(SPECIES, statistics, to + MAX);
        VectorMask<Float> hidden = sum.compare(VectorOperators.EQ, 0f);
        FloatVector total = sum.blend(1f, hidden);
        FloatVector.broadcast(SPECIES, 1f).div(total).intoArray(statistics, to);
        FloatVector log = VectorMath.log(total).add(largest);
        log.blend(Float.POSITIVE_INFINITY, hidden).intoArray(statistics, to + MAX);
    }

    /// `sums[i] += sum of p[j, i] v[block + j]` for the `count` queries of a panel.
    private static void weigh(
            float[] sums, int wide, float[] p, int some, int count, float[] values, int block, int keys) {
        for (int d = 0; d < wide; d += COLUMNS) {
            int from = d * keys + block * COLUMNS;
            int height;
            for (int i = 0; i < count; i += height) {
                height = count - i >= ROWS ? ROWS : 4;
                Gemm.tileOf(height, some, p, i, COLUMNS, values, from, sums, i * wide + d, wide);
            }
        }
    }

    /// Attends for one query, as when tokens are generated one after the other; gives its log of the sum of
    /// exponentials. Keys beyond the last that the mask lets it see are not read.
    private static float query(float[] out, Operands o, int n, int h, int i) {
        int mask = n * o.maskBatch + h * o.maskHead + i * o.maskQuery;
        int seen = o.seen(i);
        while (o.mask.length > 0 && seen > 0 && o.mask[mask + seen - 1] == Float.NEGATIVE_INFINITY) {
            seen--;
        }
        float[] p = Scratch.ofThread().scores(o.keys);
        int query = o.query(n, h, i);
        dots(p, o.q, query, o.k, o.key(n, h, 0), o.kvStride, o.headWidth, seen, o.scale);
        if (o.mask.length > 0) {
            Elementwise.add(p, 0, o.mask, mask, seen);
        }
        float max = Rows.max(p, 0, seen);
        int to = o.out(n, h, i);
        if (max == Float.NEGATIVE_INFINITY) {
            Arrays.fill(out, to, to + o.headWidth, 0);
            return Float.POSITIVE_INFINITY;
        }
        float sum = Rows.exponentials(p, 0, p, 0, seen, max);
        int d = 0;
        for (; d <= o.headWidth - 2 * LANES; d += 2 * LANES) {
            weigh(out, to + d, p, o.v, o.value(n, h, 0) + d, o.kvStride, seen, 1 / sum);
        }
        for (; d < o.headWidth; d += LANES) {
            VectorMask<Float> some = SPECIES.indexInRange(d, o.headWidth);
            weigh(out, to + d, p, o.v, o.value(n, h, 0) + d, o.kvStride, seen, 1 / sum, some);
        }
        return max + (float) Math.log(sum);
    }

    /// `p[j] = factor q · k[j]`.
    private static void dots(
            float[] p, float[] q, int from, float[] k, int at, int stride, int width, int count, float factor) {
        int bound = SPECIES.loopBound(width);
        VectorMask<Float> rest = tail(width);
        for (int j = 0; j < count; j++) {
            int row = at + j * stride;
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int d = 0; d < bound; d += LANES) {
                sum = FloatVector.fromArray(SPECIES, q, from + d).fma(FloatVector.fromArray(SPECIES, k, row + d), sum);
            }
            if (bound < width) {
                FloatVector last = FloatVector.fromArray(SPECIES, q, from + bound, rest);
                sum = last.fma(FloatVector.fromArray(SPECIES, k, row + bound, rest), sum);
            }
            p[j] = factor * VectorMath.sum(sum);
        }
    }

    /// `out = factor sum of p[j] v[j]` for two vectors of neighbouring numbers, even and odd `j` apart.
    private static void weigh(float[] out, int to, float[] p, float[] v, int at, int stride, int count, float factor) {
        FloatVector even0 = FloatVector.zero(SPECIES);
        FloatVector even1 = even0;
        FloatVector odd0 = even0;
        FloatVector odd1 = even0;
        int j = 0;
        for (; j + 1 < count; j += 2) {
            int row = at + j * stride;
            FloatVector p0 = FloatVector.broadcast(SPECIES, p[j]);
            even0 = p0.fma(FloatVector.fromArray(SPECIES, v, row), even0);
            even1 = p0.fma(FloatVector.fromArray(SPECIES, v, row + LANES), even1);
            FloatVector p1 = FloatVector.broadcast(SPECIES, p[j + 1]);
            odd0 = p1.fma(FloatVector.fromArray(SPECIES, v, row + stride), odd0);
            odd1 = p1.fma(FloatVector.fromArray(SPECIES, v, row + stride + LANES), odd1);
        }
        if (j < count) {
            FloatVector p0 = FloatVector.broadcast(SPECIES, p[j]);
            even0 = p0.fma(FloatVector.fromArray(SPECIES, v, at + j * stride), even0);
            even1 = p0.fma(FloatVector.fromArray(SPECIES, v, at + j * stride + LANES), even1);
        }
        even0.add(odd0).mul(factor).intoArray(out, to);
        even1.add(odd1).mul(factor).intoArray(out, to + LANES);
    }

    private static void weigh(
            float[] out,
            int to,
            float[] p,
            float[] v,
            int at,
            int stride,
            int count,
            float factor,
            VectorMask<Float> some) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int j = 0; j < count; j++) {
            FloatVector p0 = FloatVector.broadcast(SPECIES, p[j]);
            sum = p0.fma(FloatVector.fromArray(SPECIES, v, at + j * stride, some), sum);
        }
        sum.mul(factor).intoArray(out, to, some);
    }

    /// Writes the gradients of `q`, `k` and `v` of pair `pair = n * heads + h`, laid out as these; `dq`, `dk` and
    /// `dv` may be one array. Where `dscores` is given, the gradient of the scores before their scale goes there.
    static void backward(
            float[] dq,
            float[] dk,
            float[] dv,
            float[] delta,
            float @Nullable [] dscores,
            float[] dout,
            float[] lse,
            Operands o,
            int pair) {
        int n = pair / o.heads;
        int h = pair - n * o.heads;
        int width = o.headWidth;
        int stride = o.heads * width;
        int block = o.block();
        float[] p = Scratch.ofThread().scores(block * o.keys);
        float[] ds = Scratch.ofThread().slopes(block * o.keys);
        int key = o.key(n, h, 0);
        int value = o.value(n, h, 0);
        for (int j = 0; j < o.keys; j++) {
            Arrays.fill(dk, key + j * o.kvStride, key + j * o.kvStride + width, 0);
            Arrays.fill(dv, value + j * o.kvStride, value + j * o.kvStride + width, 0);
        }
        for (int first = 0; first < o.queries; first += block) {
            int rows = Math.min(block, o.queries - first);
            int keys = o.seen(first + rows - 1);
            int query = o.query(n, h, first);
            int from = o.out(n, h, first);
            scores(p, o, n, h, first, rows, keys);
            Gemm.alone(rows, keys, width, dout, from, stride, false, o.v, value, o.kvStride, true, ds, 0, keys, false);
            for (int r = 0; r < rows; r++) {
                int statistic = pair * o.queries + first + r;
                int seen = o.seen(first + r);
                Rows.exponentials(p, r * keys, p, r * keys, seen, lse[statistic]);
                // dout · out, but rounded as ds is: the slope of a lone key is exactly 0
                float d = Rows.products(p, r * keys, ds, r * keys, seen, 0);
                delta[statistic] = d;
                slopes(ds, p, r * keys, seen, d);
                if (dscores != null) {
                    System.arraycopy(ds, r * keys, dscores, statistic * o.keys, seen);
                    Arrays.fill(dscores, statistic * o.keys + seen, (statistic + 1) * o.keys, 0);
                }
                Rows.affine(ds, r * keys, ds, r * keys, seen, o.scale, 0);
                Arrays.fill(p, r * keys + seen, (r + 1) * keys, 0);
                Arrays.fill(ds, r * keys + seen, (r + 1) * keys, 0);
            }
            Gemm.alone(rows, width, keys, ds, 0, keys, false, o.k, key, o.kvStride, false, dq, query, o.qStride, false);
            Gemm.alone(keys, width, rows, ds, 0, keys, true, o.q, query, o.qStride, false, dk, key, o.kvStride, true);
            Gemm.alone(keys, width, rows, p, 0, keys, true, dout, from, stride, false, dv, value, o.kvStride, true);
        }
    }

    /// `p[r, j] = scale q[first + r] k[j] + mask` for `rows` queries and the first `keys` keys.
    private static void scores(float[] p, Operands o, int n, int h, int first, int rows, int keys) {
        Gemm.alone(
                rows,
                keys,
                o.headWidth,
                o.q,
                o.query(n, h, first),
                o.qStride,
                false,
                o.k,
                o.key(n, h, 0),
                o.kvStride,
                true,
                p,
                0,
                keys,
                false);
        if (o.mask.length == 0) {
            Rows.affine(p, 0, p, 0, rows * keys, o.scale, 0);
            return;
        }
        for (int r = 0; r < rows; r++) {
            int mask = n * o.maskBatch + h * o.maskHead + (first + r) * o.maskQuery;
            scaleAndAdd(p, r * keys, o.scale, o.mask, mask, keys);
        }
    }

    /// `x = factor x + y`.
    private static void scaleAndAdd(float[] x, int at, float factor, float[] y, int from, int count) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            load(x, at + j).fma(f, load(y, from + j)).intoArray(x, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            load(x, at + bound, rest).fma(f, load(y, from + bound, rest)).intoArray(x, at + bound, rest);
        }
    }

    /// `ds = p (ds - delta)`.
    private static void slopes(float[] ds, float[] p, int at, int count, float delta) {
        int bound = SPECIES.loopBound(count);
        for (int j = 0; j < bound; j += LANES) {
            load(ds, at + j).sub(delta).mul(load(p, at + j)).intoArray(ds, at + j);
        }
        if (bound < count) {
            VectorMask<Float> rest = tail(count);
            FloatVector p0 = load(p, at + bound, rest);
            load(ds, at + bound, rest).sub(delta).mul(p0).intoArray(ds, at + bound, rest);
        }
    }
}
