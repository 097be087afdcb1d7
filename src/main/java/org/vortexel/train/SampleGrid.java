package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.codec.LatentCodec;
import org.vortexel.data.PackedImages;
import org.vortexel.device.Device;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Euler;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.InitialNoise;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Pictures of a model in training: the same captions and the same noise every time, so that grids can be compared.
final class SampleGrid {
    private static final int COUNT = 32;
    private static final int COLUMNS = 8;
    private static final int CELL = 96;
    private static final int STEPS = 20;

    private final long seed;
    private final PackedImages images;
    private final CaptionStates captions;
    private final Device device;
    private final LatentCodec codec;
    private final int[] chosen;

    SampleGrid(long seed, PackedImages images, CaptionStates captions, Device device, LatentCodec codec) {
        this.seed = seed;
        this.images = images;
        this.captions = captions;
        this.device = device;
        this.codec = codec;
        int[] order = Philox.of(seed).permutation(images.count());
        this.chosen = IntStream.of(order).limit(COUNT).toArray();
    }

    /// Writes a contact sheet of samples.
    void draw(DitModel model, Path file) {
        DitConfig network = model.config().network();
        int n = chosen.length;
        int[] empty = new int[n];
        Arrays.fill(empty, captions.empty());
        NdArray noise =
                new InitialNoise.Gaussian().draw(seed, Shape.of(n, network.channels(), network.size(), network.size()));
        NdArray x = noise;
        try (DitDenoiser denoiser = new DitDenoiser(device, model.dit(), model.weights())) {
            GuidedDenoiser guided = Guidance.of(model.config().sampling().guidance())
                    .guide(denoiser, DitTask.SCHEDULE, captions.rows(chosen), captions.rows(empty));
            DiffusionLoop loop =
                    new DiffusionLoop(DitTask.SCHEDULE, model.config().prediction(), Clip.NONE, new Euler());
            for (DiffusionStep step : loop.run(guided, noise, seed, STEPS)) {
                x = step.x();
            }
        }
        List<Image> drawn = Image.fromBatch(codec.decodeFrom(x, seed));
        List<ContactSheet.Cell> cells = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            cells.add(new ContactSheet.Cell(
                    drawn.get(i), images.entries().get(chosen[i]).text()));
        }
        ImageFile.writePng(file, ContactSheet.of(cells, COLUMNS, CELL));
    }
}
