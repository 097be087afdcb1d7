package org.vortexel.train;

import java.util.Arrays;
import org.vortexel.data.PackedImages;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.diffusion.Noising;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Makes the batch of every step from the seed and the step's number alone: which pictures, which timesteps, which
/// noise, which captions are left out.
final class Batches {
    /// Keep the draws of one step apart; the low 32 bits hold the step.
    private static final long NOISE = 1L << 32;

    private static final long TIME = 2L << 32;
    private static final long DROPOUT = 3L << 32;

    /// The schedule of every model that is trained here; samplers use the same object.
    static final RectifiedFlow SCHEDULE = RectifiedFlow.standard();

    private static final double SMALLEST_TIME = 0.05;

    private final TrainConfig config;
    private final PackedImages images;
    private final CaptionStates captions;
    private final ShuffledEpochs epochs;

    /// @param captions states of the caption of every picture, in order, and of the empty caption
    Batches(TrainConfig config, PackedImages images, CaptionStates captions) {
        this.config = config;
        this.images = images;
        this.captions = captions;
        this.epochs = new ShuffledEpochs(images.count(), config.batch(), config.seed());
    }

    /// The batch of step `step`, from 0.
    Batch of(int step) {
        int n = config.batch();
        int[] indices = epochs.batch(step);
        NdArray clean = images.batch(indices);
        NdArray noise = new Philox(config.seed(), NOISE + step).normal(clean.shape());
        Philox draws = new Philox(config.seed(), TIME + step);
        double[] t = new double[n];
        float[] time = new float[n];
        float[] weight = new float[n];
        for (int i = 0; i < n; i++) {
            t[i] = config.timesteps().t(draws, i) * SCHEDULE.steps();
            time[i] = (float) t[i];
            weight[i] = (float) weight(t[i] / SCHEDULE.steps());
        }
        Noising noising = Noising.of(SCHEDULE, config.prediction(), clean, noise, new Timesteps.Shared(t));
        int[] shown = shown(indices, step);
        Shape one = Shape.of(n);
        return new Batch(
                noising.x(), NdArray.of(one, time), noising.target(), NdArray.of(one, weight), captions.rows(shown));
    }

    private double weight(double t) {
        return switch (config.loss()) {
            case UNIFORM -> 1;
            case VELOCITY ->
                switch (config.prediction()) {
                    case X0 -> 1 / Math.pow(Math.max(t, SMALLEST_TIME), 2);
                    case EPSILON -> 1 / Math.pow(Math.max(1 - t, SMALLEST_TIME), 2);
                    case V, VELOCITY -> 1;
                };
        };
    }

    private int[] shown(int[] indices, int step) {
        Philox dropout = new Philox(config.seed(), DROPOUT + step);
        int[] shown = Arrays.copyOf(indices, indices.length);
        for (int i = 0; i < shown.length; i++) {
            if (dropout.uniform(i) < config.dropout()) {
                shown[i] = captions.empty();
            }
        }
        return shown;
    }
}
