package org.vortexel.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.TokenLoss;
import org.vortexel.ar.masc.CodeChoice;
import org.vortexel.ar.masc.Refiner;
import org.vortexel.ar.masc.RefinerModel;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains a [Refiner] on the true tokens of pictures: `loss = mean of -ln p(code | cluster,
/// states)`; clusters of one code cost nothing. The result is complete in `model/refiner`; copied
/// into the model's own folder as `refiner`, it is what `members=refined` decodes with.
public final class RefinerTask implements Task {
    private static final int SHOWN = 16;
    private static final int CELL = 96;

    private final TrainConfig config;
    private final RefinerSubject subject;
    private final Device device;
    private final ArModel model;
    private final VqModel tokenizer;
    private final TokenPictures pictures;
    private final Refiner.Config sizes;
    private final Refiner network;
    private final ShuffledEpochs epochs;

    /// Reads the model and the tokens of the pictures.
    ///
    /// @param device computes the tokens, and draws the samples
    /// @param encoder turns captions into token states; not asked by a model of classes
    /// @throws IllegalArgumentException when no picture is selected, or every cluster has one code
    public RefinerTask(TrainConfig config, RefinerSubject subject, Device device, CaptionEncoder encoder) {
        this.config = config;
        this.subject = subject;
        this.device = device;
        Path folder = Path.of(subject.model());
        this.model = ArModel.load(folder);
        this.tokenizer = VqModel.load(folder.resolve(ArModel.TOKENIZER));
        if (model.clusters().clusters() == model.clusters().codes()) {
            throw new IllegalArgumentException(folder + " is a model of single codes, which leave nothing to refine");
        }
        int size =
                model.config().network().grid() * tokenizer.config().network().compression();
        try (VqCodec codec = new VqCodec(tokenizer, device)) {
            this.pictures = TokenPictures.of(
                    subject.data(),
                    Path.of(subject.tokens()),
                    codec,
                    size,
                    model.config().network().prefix(),
                    encoder);
        }
        this.sizes = new Refiner.Config(model.config().network().width(), subject.width(), subject.heads());
        this.network = new Refiner(sizes, model.clusters());
        this.epochs = new ShuffledEpochs(pictures.count(), config.batch(), config.seed());
    }

    @Override
    public Params params() {
        return network.params();
    }

    @Override
    public Weights initial() {
        return network.params().initial(config.seed());
    }

    @Override
    public Weights frozen() {
        return model.weights();
    }

    @Override
    public Objective record(Recorder r) {
        Tensor logits = CodeChoice.record(r, model.gpt(), network, config.batch()); // (N, T, M)
        Shape tokens = Shape.of(config.batch(), model.config().network().tokens());
        return Objective.of(TokenLoss.mean(logits, r.ids("places", tokens)));
    }

    @Override
    public void feed(int step, Player player) {
        int[] chosen = epochs.batch(step);
        int[] codes = pictures.codes(chosen);
        CodeChoice.set(
                player, network, pictures.prompt(chosen), model.clusters().clustersOf(codes));
        player.set("places", network.places(codes));
    }

    private RefinerModel model(Weights weights) {
        return new RefinerModel(sizes, network, weights);
    }

    @Override
    public void release(Weights weights, Path folder) {
        model(weights).save(folder.resolve(ArModel.REFINER), StorageType.F16);
    }

    /// What it costs to name a code within its cluster, by the network and by an even choice, on
    /// training pictures.
    @Override
    public Map<String, Double> measure(Weights weights) {
        int[] chosen = shown(config.batch());
        int[] codes = pictures.codes(chosen);
        Recorder r = new Recorder();
        r.output("loss", record(r).loss());
        Weights all = new Weights(model.weights().asMap());
        weights.asMap().forEach(all::put);
        Map<String, Double> values = new LinkedHashMap<>();
        try (Player player = device.load(r.program(), all)) {
            CodeChoice.set(
                    player, network, pictures.prompt(chosen), model.clusters().clustersOf(codes));
            player.set("places", network.places(codes)).run();
            values.put("refined", (double) player.get("loss").data()[0]);
        }
        values.put("even", model.clusters().meanLogSize(codes));
        return values;
    }

    private int[] shown(int most) {
        return IntStream.of(Philox.of(config.seed()).permutation(pictures.count()))
                .limit(most)
                .toArray();
    }

    /// Pictures by their true codes, and by codes that were chosen within the true clusters.
    @Override
    public void draw(Weights weights, Path file) {
        int[] chosen = shown(SHOWN);
        int grid = model.config().network().grid();
        int[] codes = pictures.codes(chosen);
        int[] tokens = model.clusters().clustersOf(codes);
        int[][] rows = new int[chosen.length][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(tokens, i * grid * grid, (i + 1) * grid * grid);
        }
        try (VqCodec codec = new VqCodec(tokenizer, device);
                CodeChoice choice = CodeChoice.refined(model, model(weights), device)) {
            int[][] refined =
                    choice.codes(pictures.prompt(chosen), rows, org.vortexel.ar.Uniforms.members(config.seed()));
            int[] flat = Arrays.stream(refined).flatMapToInt(IntStream::of).toArray();
            List<ContactSheet.Cell> cells = new java.util.ArrayList<>();
            for (Image image : Image.fromBatch(codec.pictures(codes, grid, grid))) {
                cells.add(new ContactSheet.Cell(image, "codes"));
            }
            for (Image image : Image.fromBatch(codec.pictures(flat, grid, grid))) {
                cells.add(new ContactSheet.Cell(image, "refined"));
            }
            ImageFile.writePng(file, ContactSheet.of(cells, chosen.length, CELL));
        }
    }
}
