package org.vortexel.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.GptConfig;
import org.vortexel.checkpoint.Json;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.Entry;
import org.vortexel.device.Device;
import org.vortexel.eval.FrechetDistance;
import org.vortexel.eval.Manifold;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.TokenReport;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Captions;
import org.vortexel.pipeline.Event;
import org.vortexel.pipeline.Request;
import org.vortexel.pipeline.TokensToImage;
import org.vortexel.tensor.Philox;
import org.vortexel.text.TextEncoder;
import org.vortexel.train.ArTask;
import org.vortexel.train.CaptionEncoder;
import org.vortexel.train.TokenPictures;
import org.vortexel.train.TrainConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel evaluate ar DIR...`: how well models of tokens tell held-out pictures, and how good
/// what they draw is.
@Command(
        name = "ar",
        description = "Measure models that draw token by token on held-out pictures.",
        mixinStandardHelpOptions = true)
final class EvaluateArCommand implements Callable<Integer> {
    private static final int BATCH = 64;
    private static final int NEIGHBOURS = 5;
    private static final int SHOWN = 40;
    private static final int COLUMNS = 10;
    private static final int CELL = 96;

    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "folders of models")
    private List<Path> models = new ArrayList<>();

    @Option(names = "--data", required = true, description = "image folder")
    private Path data = Path.of("");

    @Option(names = "--tokens", required = true, description = "file of its tokens; made when it is not there")
    private Path tokens = Path.of("");

    @Option(names = "--split", description = "split of the pictures (default: heldout)")
    private String split = "heldout";

    @Option(names = "--pictures", description = "pictures to draw, and as many true ones (default: 1000)")
    private int pictures = 1000;

    @Option(names = "--guidance", split = ",", description = "scales of guidance (default: 1)")
    private List<Double> guidance = new ArrayList<>();

    @Option(names = "--sampler", description = "how tokens are drawn (default: the model's)")
    private String sampler = "";

    @Option(names = "--seed", description = "chooses pictures, and is the seed of the first one drawn (default: 7)")
    private long seed = 7;

    @Option(names = "-o", description = "write all figures to this .json file")
    private @Nullable Path out;

    @Option(names = "--sheet", description = "write a .png of some pictures of the last model")
    private @Nullable Path sheet;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    /// The figures of pictures drawn with one scale of guidance.
    ///
    /// @param guidance the scale
    /// @param mobileNetV2Block9Fd of drawn to true pictures
    /// @param precision share of drawn pictures that lie among true ones
    /// @param recall share of true pictures that lie among drawn ones
    /// @param secondsFor16 to draw 16 pictures, the median of all batches
    record Drawn(double guidance, double mobileNetV2Block9Fd, double precision, double recall, double secondsFor16) {}

    /// The figures of one model.
    ///
    /// @param model its folder
    /// @param weights SHA-256 of its weights
    /// @param parameters how many numbers it learnt
    /// @param told held-out tokens
    /// @param decodedFd MobileNetV2-block9 FD of the true pictures through the tokenizer: no model
    /// can be much better
    /// @param drawn with each scale of guidance
    record Row(String model, String weights, long parameters, TokenReport told, double decodedFd, List<Drawn> drawn) {}

    /// Everything that was measured and what it depends on.
    record Report(String data, String split, int pictures, String sampler, long seed, List<Row> models) {}

    @Override
    public Integer call() {
        EvaluateCommand.checkFile("-o", out, ".json");
        EvaluateCommand.checkFile("--sheet", sheet, ".png");
        if (pictures < BATCH) {
            throw new IllegalArgumentException("--pictures is at least " + BATCH + " but is " + pictures);
        }
        console.say("%-28s %8s %8s %8s %7s %7s %7s | %5s %8s %6s %6s %7s"
                .formatted(
                        "model",
                        "loss",
                        "of codes",
                        "frequent",
                        "entropy",
                        "right",
                        "noisy",
                        "scale",
                        "FD",
                        "prec.",
                        "recall",
                        "s / 16"));
        List<Row> rows = new ArrayList<>();
        List<Image> shown = List.of();
        try (Device opened = device.open();
                MobileNetFeatures features = MobileNetFeatures.load(MobileNetPackage.fetch(), opened);
                Cancellation cancellation = new Cancellation()) {
            for (Path folder : models) {
                try (TokensToImage painter = TokensToImage.open(folder, opened)) {
                    TokenPictures unseen = unseen(folder, painter.model(), opened);
                    int[] chosen = IntStream.of(Philox.of(seed).permutation(unseen.count()))
                            .limit(pictures)
                            .toArray();
                    TokenReport told = ArTask.evaluate(painter.model(), unseen, opened, BATCH, pictures, seed);
                    List<Image> real = real(unseen, chosen, painter.model(), folder);
                    MobileNetFeatures.Seen truth = features.of(real);
                    double floor = FrechetDistance.of(
                            features.of(decoded(folder, unseen, chosen, opened)).pooled(), truth.pooled());
                    List<Drawn> drawn = new ArrayList<>();
                    for (double scale : guidance.isEmpty() ? List.of(1.0) : guidance) {
                        List<Double> seconds = new ArrayList<>();
                        List<Image> images = draw(painter, unseen, chosen, scale, seconds, cancellation);
                        if (images.size() < chosen.length) {
                            return Main.CANCELLED;
                        }
                        shown = images;
                        MobileNetFeatures.Seen seen = features.of(images);
                        Manifold among = Manifold.of(truth.pooled(), seen.pooled(), NEIGHBOURS);
                        drawn.add(new Drawn(
                                scale,
                                FrechetDistance.of(seen.pooled(), truth.pooled()),
                                among.precision(),
                                among.recall(),
                                seconds.stream()
                                        .sorted()
                                        .skip(seconds.size() / 2)
                                        .findFirst()
                                        .orElse(0.0)));
                    }
                    Row row = new Row(
                            folder.toString(),
                            painter.fingerprint(),
                            painter.model().weights().count(),
                            told,
                            floor,
                            drawn);
                    rows.add(row);
                    lines(row);
                }
            }
        }
        Path json = out;
        if (json != null) {
            Json.write(json, new Report(data.toString(), split, pictures, sampler, seed, rows));
            console.say(json.toString());
        }
        Path png = sheet;
        if (png != null) {
            List<ContactSheet.Cell> cells = shown.stream()
                    .limit(SHOWN)
                    .map(image -> new ContactSheet.Cell(image, ""))
                    .toList();
            ImageFile.writePng(png, ContactSheet.of(cells, COLUMNS, CELL));
            console.say(png.toString());
        }
        return 0;
    }

    private static int size(ArModel model, Path folder) {
        return model.config().network().grid()
                * VqModel.load(folder.resolve(ArModel.TOKENIZER))
                        .config()
                        .network()
                        .compression();
    }

    private TokenPictures unseen(Path folder, ArModel model, Device opened) {
        Path tokenizer = folder.resolve(ArModel.TOKENIZER);
        TrainConfig.Data selection = new TrainConfig.Data(
                data.toString(),
                model.config().styles(),
                model.config().skinTones(),
                split.isEmpty() ? List.of() : List.of(split));
        try (VqCodec codec = new VqCodec(VqModel.load(tokenizer), opened)) {
            if (model.config().network().prefix() instanceof GptConfig.Captions captions) {
                try (TextEncoder encoder = TextEncoder.load(opened)) {
                    return pictures(
                            selection, codec, model, folder, all -> Captions.encode(encoder, all, captions.length()));
                }
            }
            return pictures(selection, codec, model, folder, CaptionEncoder.NONE);
        }
    }

    private TokenPictures pictures(
            TrainConfig.Data selection, VqCodec codec, ArModel model, Path folder, CaptionEncoder encoder) {
        return TokenPictures.of(
                selection,
                tokens,
                codec,
                size(model, folder),
                model.config().network().prefix(),
                encoder);
    }

    private List<Image> real(TokenPictures unseen, int[] chosen, ArModel model, Path folder) {
        int size = size(model, folder);
        return Arrays.stream(chosen)
                .mapToObj(
                        i -> ImageFile.read(data.resolve(unseen.entries().get(i).fileName()))
                                .centreSquare()
                                .resized(size, size))
                .toList();
    }

    private static List<Image> decoded(Path folder, TokenPictures unseen, int[] chosen, Device opened) {
        List<Image> images = new ArrayList<>();
        try (VqCodec codec = new VqCodec(VqModel.load(folder.resolve(ArModel.TOKENIZER)), opened)) {
            int side = (int) Math.round(Math.sqrt(unseen.codes(0).length));
            for (int begin = 0; begin < chosen.length; begin += BATCH) {
                int[] batch = Arrays.copyOfRange(chosen, begin, Math.min(begin + BATCH, chosen.length));
                images.addAll(Image.fromBatch(codec.pictures(unseen.codes(batch), side, side)));
            }
        }
        return images;
    }

    /// One picture for every chosen one, asked for in the same way; fewer when cancelled.
    private List<Image> draw(
            TokensToImage painter,
            TokenPictures unseen,
            int[] chosen,
            double scale,
            List<Double> seconds,
            Cancellation cancellation) {
        List<Image> images = new ArrayList<>();
        int at = 16;
        for (int begin = 0; begin < chosen.length; begin += at) {
            List<Request> requests = new ArrayList<>();
            for (int i = begin; i < Math.min(begin + at, chosen.length); i++) {
                Entry entry = unseen.entries().get(chosen[i]);
                boolean words = painter.model().config().classes().isEmpty();
                requests.add(new Request(
                        List.of(words ? entry.text() : entry.group()),
                        "",
                        words ? entry.style() : "",
                        1,
                        seed + i,
                        0,
                        scale,
                        sampler,
                        0,
                        0));
            }
            long start = System.nanoTime();
            for (Event event : painter.generate(requests, cancellation)) {
                if (event instanceof Event.Finished finished) {
                    finished.pictures().forEach(p -> images.add(p.image()));
                }
            }
            seconds.add((System.nanoTime() - start) / 1e9 * at / requests.size());
            if (images.size() < begin + requests.size()) {
                break;
            }
        }
        return images;
    }

    private void lines(Row row) {
        TokenReport t = row.told();
        for (Drawn d : row.drawn()) {
            console.say(String.format(
                    Locale.ROOT,
                    "%-28s %8.4f %8.4f %8.4f %7.4f %7.4f %7.4f | %5s %8.3f %6.3f %6.3f %7.2f",
                    row.model(),
                    t.loss(),
                    t.codeLoss(),
                    t.codeLossFrequent(),
                    t.entropy(),
                    t.correct(),
                    t.correctNoisy(),
                    d.guidance(),
                    d.mobileNetV2Block9Fd(),
                    d.precision(),
                    d.recall(),
                    d.secondsFor16()));
        }
    }
}
