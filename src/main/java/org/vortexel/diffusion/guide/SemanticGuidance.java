package org.vortexel.diffusion.guide;

import java.util.Arrays;
import java.util.function.Supplier;
import org.vortexel.diffusion.Branches;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Semantic-aware guidance (S-CFG): every part of the picture gets a scale of its own, so that the
/// condition
/// pulls all of them equally hard,
///
/// ```
/// out = out_u + scale · rate · (out_c - out_u)
/// rate = mean of d over the foreground / mean of d over the part
/// ```
///
/// where `d` is the length over channels of `out_c - out_u` at a pixel and the parts are what the
/// network
/// looked at ([Segments]). The rate is held between 0.8 and 3, and below 15 / scale, and smoothed a
/// little.
///
/// `d` is in the unit of the network's output. With one time for a whole picture no unit matters; with
/// times
/// that differ from place to place this is one choice of several.
///
/// Source: Shen et al. 2024, [arXiv:2404.05384](https://arxiv.org/abs/2404.05384), section 4.2, with
/// the
/// bounds of its public code.
///
/// @param scale of classifier-free guidance, above 0
public record SemanticGuidance(double scale) {
    private static final double LEAST = 0.8;
    private static final double MOST = 3;
    private static final double MOST_SCALED = 15;

    public SemanticGuidance {
        if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("the guidance of S-CFG is above 0 but is " + scale);
        }
    }

    /// Settles what a network is asked.
    ///
    /// @param sight what it looked at in its last prediction, whose first rows have the condition
    /// @param condition what the pictures should show
    /// @param instead the null condition or the negative prompt, for as many pictures
    public GuidedDenoiser guide(Denoiser denoiser, Supplier<Sight> sight, Condition.Text condition, Condition instead) {
        Condition both = condition.and(instead);
        return (x, timesteps) -> {
            Branches out = Branches.ask(denoiser, x, timesteps, both);
            double[] rates = rates(out, sight.get(), condition.mask(), x.shape());
            int plane = x.shape().dim(2) * x.shape().dim(3);
            int outputs = out.with().shape().dim(1) * plane; // of one picture
            return out.guided(
                    i -> scale * rates[i / outputs * plane + i % plane],
                    x.shape().dim(1),
                    x.shape());
        };
    }

    /// The rate of every pixel, N · H · W.
    ///
    /// @param mask (N, L), 1 for tokens and 0 for padding
    /// @param x (N, C, H, W), the shape of the pictures, a whole number of pixels for every place
    double[] rates(Branches out, Sight sight, NdArray mask, Shape x) {
        int height = x.dim(2);
        int width = x.dim(3);
        if (height % sight.rows() != 0 || width % sight.columns() != 0) {
            throw new IllegalArgumentException("a picture of shape " + x + " does not divide into " + sight.rows()
                    + " by " + sight.columns() + " places");
        }
        int plane = height * width;
        double[] rates = new double[x.dim(0) * plane];
        for (int n = 0; n < x.dim(0); n++) {
            double[] pulls = pulls(out, n, x.dim(1), plane);
            double[] own =
                    rates(pulls, Segments.of(sight, mask, n), mask.shape().dim(1), height, width);
            System.arraycopy(own, 0, rates, n * plane, plane);
        }
        return rates;
    }

    /// How far the condition pulls every pixel of a picture.
    private static double[] pulls(Branches out, int picture, int channels, int plane) {
        int first = picture * out.with().shape().dim(1) * plane;
        double[] pulls = new double[plane];
        for (int p = 0; p < plane; p++) {
            double squares = 0;
            for (int c = 0; c < channels; c++) {
                int i = first + c * plane + p;
                double d = (double) out.with().data()[i] - out.without().data()[i];
                squares += d * d;
            }
            pulls[p] = Math.sqrt(squares);
        }
        return pulls;
    }

    private double[] rates(double[] pulls, Segments segments, int tokens, int height, int width) {
        double[] sum = new double[tokens];
        int[] count = new int[tokens];
        double sumInFront = 0;
        int countInFront = 0;
        int[] place = new int[pulls.length];
        for (int p = 0; p < pulls.length; p++) {
            place[p] = p / width / (height / segments.rows()) * segments.columns()
                    + p % width / (width / segments.columns());
            int token = segments.token()[place[p]];
            sum[token] += pulls[p];
            count[token]++;
            if (segments.foreground()[place[p]]) {
                sumInFront += pulls[p];
                countInFront++;
            }
        }
        double front = sumInFront / countInFront;
        double[] ofToken = new double[tokens];
        Arrays.fill(ofToken, 1); // of a part that is not pulled at all
        for (int token = 0; token < tokens; token++) {
            if (sum[token] > 0) {
                ofToken[token] =
                        Math.min(Math.clamp(front / (sum[token] / count[token]), LEAST, MOST), MOST_SCALED / scale);
            }
        }
        double[] rates = new double[pulls.length];
        for (int p = 0; p < pulls.length; p++) {
            rates[p] = ofToken[segments.token()[place[p]]];
        }
        return Smoothing.of(rates, height, width);
    }
}
