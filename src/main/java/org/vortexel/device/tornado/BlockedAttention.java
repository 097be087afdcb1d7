package org.vortexel.device.tornado;

import java.lang.invoke.MethodHandles;
import org.vortexel.op.Parallel;

/// Twin of [org.vortexel.op.Attention#attention] that looks at 4 keys for 4 queries at a time, so that keys, values
/// and sums are read a quarter as often, and once: what was summed is scaled down when a larger score comes.
///
/// Source: Milakov and Gimelshein 2018, [arXiv:1805.02867](https://arxiv.org/abs/1805.02867), algorithm 3.
final class BlockedAttention {
    static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private BlockedAttention() {}

    /// The same parameters as of the plain kernel; a row is 4 queries of one head.
    static void attentionBlocks(
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
            int blocks = (queries + 3) / 4;
            int nh = (begin + r) / blocks;
            int n = nh / heads;
            int h = nh - n * heads;
            int i = (begin + r - nh * blocks) * 4;
            // Beyond the last query, the last one is done again: the same numbers are written twice.
            int i1 = Math.min(i + 1, queries - 1);
            int i2 = Math.min(i + 2, queries - 1);
            int i3 = Math.min(i + 3, queries - 1);
            int q0 = (n * queries + i) * qStride + h * headWidth;
            int q1 = (n * queries + i1) * qStride + h * headWidth;
            int q2 = (n * queries + i2) * qStride + h * headWidth;
            int q3 = (n * queries + i3) * qStride + h * headWidth;
            int o0 = ((n * queries + i) * heads + h) * headWidth;
            int o1 = ((n * queries + i1) * heads + h) * headWidth;
            int o2 = ((n * queries + i2) * heads + h) * headWidth;
            int o3 = ((n * queries + i3) * heads + h) * headWidth;
            int kStart = n * keys * kvStride + kOffset + h * headWidth;
            int vStart = n * keys * kvStride + vOffset + h * headWidth;
            int m = maskRow(n, h, heads, queries, keys, mode);
            int perQuery = (mode & 16) != 0 ? keys : 0;
            for (int c = 0; c < headWidth; c++) {
                out[o0 + c] = 0;
                out[o1 + c] = 0;
                out[o2 + c] = 0;
                out[o3 + c] = 0;
            }
            float max0 = -Float.MAX_VALUE, max1 = -Float.MAX_VALUE, max2 = -Float.MAX_VALUE, max3 = -Float.MAX_VALUE;
            float sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
            int seen = (mode & 1) != 0 ? i3 + 1 : keys;
            for (int j = 0; j < seen; j += 4) {
                int k0 = kStart + j * kvStride;
                int k1 = kStart + Math.min(j + 1, keys - 1) * kvStride;
                int k2 = kStart + Math.min(j + 2, keys - 1) * kvStride;
                int k3 = kStart + Math.min(j + 3, keys - 1) * kvStride;
                float s00 = 0, s01 = 0, s02 = 0, s03 = 0;
                float s10 = 0, s11 = 0, s12 = 0, s13 = 0;
                float s20 = 0, s21 = 0, s22 = 0, s23 = 0;
                float s30 = 0, s31 = 0, s32 = 0, s33 = 0;
                for (int c = 0; c < headWidth; c++) {
                    float x0 = q[q0 + c];
                    float x1 = q[q1 + c];
                    float x2 = q[q2 + c];
                    float x3 = q[q3 + c];
                    float y0 = k[k0 + c];
                    float y1 = k[k1 + c];
                    float y2 = k[k2 + c];
                    float y3 = k[k3 + c];
                    s00 += x0 * y0;
                    s01 += x0 * y1;
                    s02 += x0 * y2;
                    s03 += x0 * y3;
                    s10 += x1 * y0;
                    s11 += x1 * y1;
                    s12 += x1 * y2;
                    s13 += x1 * y3;
                    s20 += x2 * y0;
                    s21 += x2 * y1;
                    s22 += x2 * y2;
                    s23 += x2 * y3;
                    s30 += x3 * y0;
                    s31 += x3 * y1;
                    s32 += x3 * y2;
                    s33 += x3 * y3;
                }
                s00 = score(s00, scale, mask, m + i * perQuery, i, j, keys, mode);
                s01 = score(s01, scale, mask, m + i * perQuery, i, j + 1, keys, mode);
                s02 = score(s02, scale, mask, m + i * perQuery, i, j + 2, keys, mode);
                s03 = score(s03, scale, mask, m + i * perQuery, i, j + 3, keys, mode);
                s10 = score(s10, scale, mask, m + i1 * perQuery, i1, j, keys, mode);
                s11 = score(s11, scale, mask, m + i1 * perQuery, i1, j + 1, keys, mode);
                s12 = score(s12, scale, mask, m + i1 * perQuery, i1, j + 2, keys, mode);
                s13 = score(s13, scale, mask, m + i1 * perQuery, i1, j + 3, keys, mode);
                s20 = score(s20, scale, mask, m + i2 * perQuery, i2, j, keys, mode);
                s21 = score(s21, scale, mask, m + i2 * perQuery, i2, j + 1, keys, mode);
                s22 = score(s22, scale, mask, m + i2 * perQuery, i2, j + 2, keys, mode);
                s23 = score(s23, scale, mask, m + i2 * perQuery, i2, j + 3, keys, mode);
                s30 = score(s30, scale, mask, m + i3 * perQuery, i3, j, keys, mode);
                s31 = score(s31, scale, mask, m + i3 * perQuery, i3, j + 1, keys, mode);
                s32 = score(s32, scale, mask, m + i3 * perQuery, i3, j + 2, keys, mode);
                s33 = score(s33, scale, mask, m + i3 * perQuery, i3, j + 3, keys, mode);
                // The largest score so far; what was summed is brought to the new one.
                float top0 = Math.max(max0, Math.max(Math.max(s00, s01), Math.max(s02, s03)));
                float top1 = Math.max(max1, Math.max(Math.max(s10, s11), Math.max(s12, s13)));
                float top2 = Math.max(max2, Math.max(Math.max(s20, s21), Math.max(s22, s23)));
                float top3 = Math.max(max3, Math.max(Math.max(s30, s31), Math.max(s32, s33)));
                float keep0 = (float) Math.exp(max0 - top0);
                max0 = top0;
                s00 = (float) Math.exp(s00 - top0);
                s01 = (float) Math.exp(s01 - top0);
                s02 = (float) Math.exp(s02 - top0);
                s03 = (float) Math.exp(s03 - top0);
                sum0 = sum0 * keep0 + s00 + s01 + s02 + s03;
                float keep1 = (float) Math.exp(max1 - top1);
                max1 = top1;
                s10 = (float) Math.exp(s10 - top1);
                s11 = (float) Math.exp(s11 - top1);
                s12 = (float) Math.exp(s12 - top1);
                s13 = (float) Math.exp(s13 - top1);
                sum1 = sum1 * keep1 + s10 + s11 + s12 + s13;
                float keep2 = (float) Math.exp(max2 - top2);
                max2 = top2;
                s20 = (float) Math.exp(s20 - top2);
                s21 = (float) Math.exp(s21 - top2);
                s22 = (float) Math.exp(s22 - top2);
                s23 = (float) Math.exp(s23 - top2);
                sum2 = sum2 * keep2 + s20 + s21 + s22 + s23;
                float keep3 = (float) Math.exp(max3 - top3);
                max3 = top3;
                s30 = (float) Math.exp(s30 - top3);
                s31 = (float) Math.exp(s31 - top3);
                s32 = (float) Math.exp(s32 - top3);
                s33 = (float) Math.exp(s33 - top3);
                sum3 = sum3 * keep3 + s30 + s31 + s32 + s33;
                int v0 = vStart + j * kvStride;
                int v1 = vStart + Math.min(j + 1, keys - 1) * kvStride;
                int v2 = vStart + Math.min(j + 2, keys - 1) * kvStride;
                int v3 = vStart + Math.min(j + 3, keys - 1) * kvStride;
                for (int c = 0; c < headWidth; c++) {
                    float y0 = v[v0 + c];
                    float y1 = v[v1 + c];
                    float y2 = v[v2 + c];
                    float y3 = v[v3 + c];
                    out[o0 + c] = out[o0 + c] * keep0 + s00 * y0 + s01 * y1 + s02 * y2 + s03 * y3;
                    if (i1 > i) {
                        out[o1 + c] = out[o1 + c] * keep1 + s10 * y0 + s11 * y1 + s12 * y2 + s13 * y3;
                    }
                    if (i2 > i1) {
                        out[o2 + c] = out[o2 + c] * keep2 + s20 * y0 + s21 * y1 + s22 * y2 + s23 * y3;
                    }
                    if (i3 > i2) {
                        out[o3 + c] = out[o3 + c] * keep3 + s30 * y0 + s31 * y1 + s32 * y2 + s33 * y3;
                    }
                }
            }
            int row = nh * queries;
            end(out, lse, o0, row + i, headWidth, sum0, max0);
            if (i1 > i) {
                end(out, lse, o1, row + i1, headWidth, sum1, max1);
            }
            if (i2 > i1) {
                end(out, lse, o2, row + i2, headWidth, sum2, max2);
            }
            if (i3 > i2) {
                end(out, lse, o3, row + i3, headWidth, sum3, max3);
            }
        }
    }

    private static float score(float dot, float scale, float[] mask, int maskStart, int i, int j, int keys, int mode) {
        float score = scale * dot;
        if ((mode & 2) != 0) {
            score += mask[maskStart + Math.min(j, keys - 1)];
        }
        boolean hidden = j >= keys || ((mode & 1) != 0 && j > i);
        return hidden ? Float.NEGATIVE_INFINITY : score;
    }

    /// Where the mask's rows of a head begin.
    private static int maskRow(int n, int h, int heads, int queries, int keys, int mode) {
        int row = (mode & 4) != 0 ? n : 0;
        if ((mode & 8) != 0) {
            row = row * heads + h;
        }
        if ((mode & 16) != 0) {
            row = row * queries;
        }
        return row * keys;
    }

    private static void end(float[] out, float[] lse, int o, int row, int headWidth, float sum, float max) {
        if (sum > 0) {
            for (int c = 0; c < headWidth; c++) {
                out[o + c] /= sum;
            }
        }
        lse[row] = sum > 0 ? max + (float) Math.log(sum) : 0;
    }
}
