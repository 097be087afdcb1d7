package org.vortexel.diffusion.cache;

import java.util.Arrays;
import org.vortexel.tensor.NdArray;

/// How every channel of a feature moves through the first steps of a run: seven numbers that tell a smooth channel
/// from one that swings. They are what channels are clustered by.
///
/// With `x` a channel of one token at `P` steps, `v`, `a`, `j` its first, second and third differences:
///
/// | index | name               | formula                                                                   |
/// |-------|--------------------|---------------------------------------------------------------------------|
/// | 0     | first difference   | `mean |v|`                                                                |
/// | 1     | second difference  | `mean |a|`                                                                |
/// | 2     | energy             | `mean x²`                                                                 |
/// | 3     | jerk ratio         | `mean |j| / (mean |v| + e)`                                               |
/// | 4     | curvature ratio    | `mean |a| / (mean |v| + e)`                                               |
/// | 5     | spectral flatness  | geometric over arithmetic mean of the power at frequencies `1 … P/2`      |
/// | 6     | sign changes       | the share of neighbours in `v` of opposite sign                           |
///
/// Source: names from HyCa, [arXiv:2510.04188](https://arxiv.org/abs/2510.04188), figure 3; the paper gives no
/// formulas, these are ours, and the seventh indicator is an addition.
public final class Descriptors {
    /// How many indicators there are.
    public static final int COUNT = 7;
    /// How many of them the paper names.
    public static final int PAPER = 6;

    private static final double EPS = 1e-8;
    private static final int LOGARITHMIC = 5;
    private static final double CLIP = 5;

    private Descriptors() {}

    /// The indicators of every channel of every token: `[indicator][token][channel]`.
    ///
    /// @param features (P, L, D): P steps, at least 4, of L tokens (those of the whole batch)
    public static double[][][] perToken(NdArray features) {
        int steps = features.shape().dim(0);
        int tokens = features.shape().dim(1);
        int channels = features.shape().dim(2);
        if (steps < 4) {
            throw new IllegalArgumentException("descriptors want at least 4 steps but got " + steps);
        }
        double[][][] indicators = new double[COUNT][tokens][channels];
        double[] x = new double[steps];
        for (int l = 0; l < tokens; l++) {
            for (int d = 0; d < channels; d++) {
                for (int t = 0; t < steps; t++) {
                    x[t] = features.data()[(t * tokens + l) * channels + d];
                }
                double[] one = indicators(x);
                for (int i = 0; i < COUNT; i++) {
                    indicators[i][l][d] = one[i];
                }
            }
        }
        return indicators;
    }

    /// The indicators averaged over the tokens: `[indicator][channel]`.
    public static double[][] mean(NdArray features) {
        return Arrays.stream(perToken(features)).map(Descriptors::meanOfTokens).toArray(double[][]::new);
    }

    /// Points to cluster, `[channel][indicator]`: the logarithm of the first five indicators, every indicator to
    /// zero mean and unit variance over the channels (zeros where all are equal), held within ±5.
    ///
    /// @param indicators `[indicator][channel]`, the first `count` of which are used
    public static double[][] normalised(double[][] indicators, int count) {
        int channels = indicators[0].length;
        double[][] points = new double[channels][count];
        for (int i = 0; i < count; i++) {
            double[] values = indicators[i].clone();
            for (int d = 0; d < channels; d++) {
                values[d] = i < LOGARITHMIC ? Math.log(EPS + values[d]) : values[d];
            }
            double mean = Arrays.stream(values).average().orElseThrow();
            double deviation = Math.sqrt(Arrays.stream(values)
                    .map(v -> (v - mean) * (v - mean))
                    .average()
                    .orElseThrow());
            boolean constant = deviation <= 1e-12 * Math.max(1, Math.abs(mean)); // rounding is no difference
            for (int d = 0; d < channels; d++) {
                points[d][i] = constant ? 0 : Math.clamp((values[d] - mean) / deviation, -CLIP, CLIP);
            }
        }
        return points;
    }

    private static double[] meanOfTokens(double[][] values) {
        double[] sum = new double[values[0].length];
        for (double[] token : values) {
            sum = Stencil.plus(sum, token);
        }
        return Stencil.times(1.0 / values.length, sum);
    }

    private static double[] indicators(double[] x) {
        double[] v = differences(x);
        double[] a = differences(v);
        double[] j = differences(a);
        double speed = meanSize(v);
        double energy = Arrays.stream(x).map(value -> value * value).average().orElseThrow();
        int turns = 0;
        for (int t = 1; t < v.length; t++) {
            turns += v[t] * v[t - 1] < 0 ? 1 : 0;
        }
        return new double[] {
            speed,
            meanSize(a),
            energy,
            meanSize(j) / (speed + EPS),
            meanSize(a) / (speed + EPS),
            flatness(x),
            (double) turns / (x.length - 2)
        };
    }

    /// A handful of steps: the plain sum is as good as a fast transform, and takes any length.
    private static double flatness(double[] x) {
        double mean = Arrays.stream(x).average().orElseThrow();
        double logs = 0;
        double sum = 0;
        int frequencies = x.length / 2;
        for (int f = 1; f <= frequencies; f++) {
            double real = 0;
            double imaginary = 0;
            for (int t = 0; t < x.length; t++) {
                double angle = 2 * Math.PI * f * t / x.length;
                real += (x[t] - mean) * Math.cos(angle);
                imaginary -= (x[t] - mean) * Math.sin(angle);
            }
            double power = real * real + imaginary * imaginary;
            logs += Math.log(power + EPS);
            sum += power;
        }
        return Math.exp(logs / frequencies) / (sum / frequencies + EPS);
    }

    private static double[] differences(double[] x) {
        double[] differences = new double[x.length - 1];
        for (int t = 0; t < differences.length; t++) {
            differences[t] = x[t + 1] - x[t];
        }
        return differences;
    }

    private static double meanSize(double[] x) {
        return Arrays.stream(x).map(Math::abs).average().orElseThrow();
    }
}
