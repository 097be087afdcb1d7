package org.vortexel.diffusion.noise;

import org.vortexel.tensor.NdArray;

/// How alike the pictures of a batch would become, held against how far each of them has left what it would have
/// been.
///
/// Every picture is cut into cells ([Windows]); `v_i`, `b_i` are the unit vectors of cell `p` of picture `i` and of
/// its anchor. With `pos_i = <b_i, v_i> / (gamma tau)` and `neg_ij = <v_i, v_j> / tau`,
///
/// `L = mean over i and p of [ -pos_i + log(exp(pos_i) + Σ_{j≠i} exp(neg_ij)) ]`
///
/// In double, with sums of exponentials taken safely. The gradient is exact:
///
/// `dL/dv_i = [ (q_ii - 1) b_i / gamma + Σ_{j≠i} (q_ij + q_ji) v_j ] / (tau B P)`, `q` the softmax of each row.
///
/// Source: CNO, [arXiv:2510.03813](https://arxiv.org/abs/2510.03813), section 4, as its public code computes it.
///
/// @param windows how pictures are cut
/// @param tau the temperature, positive, usually 0.1
/// @param gamma below 1 holds pictures closer to their anchors; see [#balance]
/// @param denominator what stands beside the other pictures in the denominator
public record ContrastiveLoss(Windows windows, double tau, double gamma, Denominator denominator) {
    private static final double EPS = 1e-12;

    /// What stands beside the other pictures in the denominator.
    public enum Denominator {
        /// `exp(pos_i)`, as in the code.
        POSITIVE,
        /// `exp(1 / tau)`, a picture's likeness to itself, as in the paper's formula.
        SELF
    }

    public ContrastiveLoss {
        if (!(tau > 0) || !(gamma > 0)) {
            throw new IllegalArgumentException(
                    "a contrastive loss wants a positive temperature and balance but got " + tau + " and " + gamma);
        }
    }

    /// 16 by 16 windows, temperature 0.1, balance 1.
    public static ContrastiveLoss usual() {
        return new ContrastiveLoss(new Windows(16, Windows.Content.CHANNEL), 0.1, 1, Denominator.POSITIVE);
    }

    /// The `gamma` at which the largest pull of the anchor equals the largest push of `batch - 1` others:
    /// `exp(1 / (gamma tau)) = (B - 1) exp(1 / tau)`. 1 for two pictures.
    ///
    /// @param batch B, at least 2
    public static double balance(double tau, int batch) {
        if (batch < 2) {
            throw new IllegalArgumentException("a balance wants at least two pictures but there are " + batch);
        }
        return 1 / (1 + tau * Math.log(batch - 1.0));
    }

    /// The loss of a batch.
    ///
    /// @param loss at least 0
    /// @param gradient with respect to the pictures, of their shape
    /// @param similarities `[cell][i][j]`: `neg_ij`, and `pos_i` where `i = j`
    public record Value(double loss, NdArray gradient, double[][][] similarities) {}

    /// The loss and its gradient.
    ///
    /// @param y (N, C, H, W) what the pictures would become now
    /// @param anchors of the same shape, what they would have become
    public Value of(NdArray y, NdArray anchors) {
        if (!y.shape().equals(anchors.shape())) {
            throw new IllegalArgumentException("pictures " + y.shape() + " have no anchors " + anchors.shape());
        }
        double[][][] pooled = windows.vectors(y);
        double[][][] v = new double[pooled.length][][];
        double[][][] b = windows.vectors(anchors);
        int batch = pooled.length;
        int cells = pooled[0].length;
        for (int i = 0; i < batch; i++) {
            v[i] = new double[cells][];
            for (int p = 0; p < cells; p++) {
                v[i][p] = unit(pooled[i][p]);
                b[i][p] = unit(b[i][p]);
            }
        }
        double[][][] similarities = new double[cells][batch][batch];
        double[][][] gradient = new double[batch][cells][];
        double loss = 0;
        for (int p = 0; p < cells; p++) {
            double[][] s = similarities[p];
            double[][] q = new double[batch][batch];
            for (int i = 0; i < batch; i++) {
                for (int j = 0; j < batch; j++) {
                    s[i][j] = i == j ? dot(b[i][p], v[i][p]) / (gamma * tau) : dot(v[i][p], v[j][p]) / tau;
                }
                loss += row(s[i], i, q[i]) / (batch * cells);
            }
            for (int i = 0; i < batch; i++) {
                double[] g = new double[v[i][p].length];
                double pull = denominator == Denominator.POSITIVE ? q[i][i] - 1 : -1;
                add(g, pull / gamma, b[i][p]);
                for (int j = 0; j < batch; j++) {
                    add(g, i == j ? 0 : q[i][j] + q[j][i], v[j][p]);
                }
                gradient[i][p] = throughUnit(pooled[i][p], v[i][p], g, 1 / (tau * batch * cells));
            }
        }
        return new Value(loss, windows.gradient(gradient, y.shape()), similarities);
    }

    /// The loss of picture `i` at one cell; its softmax goes to `q`.
    private double row(double[] s, int i, double[] q) {
        double self = denominator == Denominator.POSITIVE ? s[i] : 1 / tau;
        double max = self;
        for (int j = 0; j < s.length; j++) {
            max = Math.max(max, j == i ? self : s[j]);
        }
        double sum = 0;
        for (int j = 0; j < s.length; j++) {
            q[j] = Math.exp((j == i ? self : s[j]) - max);
            sum += q[j];
        }
        for (int j = 0; j < s.length; j++) {
            q[j] /= sum;
        }
        return max + Math.log(sum) - s[i];
    }

    private static double[] unit(double[] x) {
        double length = Math.max(EPS, Math.sqrt(dot(x, x)));
        double[] unit = new double[x.length];
        add(unit, 1 / length, x);
        return unit;
    }

    /// The gradient of `x` from that of `unit(x)`, times `scale`.
    private static double[] throughUnit(double[] x, double[] unit, double[] g, double scale) {
        double length = Math.sqrt(dot(x, x));
        double[] through = new double[x.length];
        add(through, scale / Math.max(EPS, length), g);
        if (length > EPS) {
            add(through, -scale / length * dot(unit, g), unit);
        }
        return through;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }

    private static void add(double[] to, double factor, double[] x) {
        for (int k = 0; k < to.length; k++) {
            to[k] += factor * x[k];
        }
    }
}
