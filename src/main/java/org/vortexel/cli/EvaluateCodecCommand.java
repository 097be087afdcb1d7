package org.vortexel.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.codec.LatentCodec;
import org.vortexel.codec.ssdd.SsddModel;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.PackedImages;
import org.vortexel.data.Selection;
import org.vortexel.device.Device;
import org.vortexel.eval.CodecEvaluation;
import org.vortexel.eval.CodecReport;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.pipeline.Codecs;
import org.vortexel.tensor.Philox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel evaluate codec DIR...`: how well codecs give held-out pictures back.
@Command(
        name = "codec",
        description = "Send held-out pictures through codecs and compare what comes back.",
        mixinStandardHelpOptions = true)
final class EvaluateCodecCommand implements Callable<Integer> {
    private static final int SHOWN = 16;
    private static final int CELL = 96;

    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "DIR", arity = "1..*", description = "folders of codecs")
    private List<Path> codecs = new ArrayList<>();

    @Option(names = "--data", description = "image folder (default: datasets/emoji64)")
    private Path data = Path.of("datasets", "emoji64");

    @Option(names = "--split", description = "split of the pictures, may be repeated (default: heldout)")
    private List<String> splits = new ArrayList<>();

    @Option(names = "--pictures", description = "at most so many pictures, chosen by the seed (default: 500)")
    private int pictures = 500;

    @Option(names = "--size", description = "their side in pixels (default: 64)")
    private int size = 64;

    @Option(names = "--steps", split = ",", description = "steps of decoders that have steps (default: 1,2,4,8)")
    private List<Integer> steps = new ArrayList<>();

    @Option(names = "--seed", description = "chooses pictures, and is the seed of the first one's noise (default: 7)")
    private long seed = 7;

    @Option(names = "-o", description = "write all figures to this .json file")
    private @Nullable Path out;

    @Option(names = "--sheet", description = "write a .png of some pictures and what comes back")
    private @Nullable Path sheet;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        List<Integer> wanted = steps.isEmpty() ? List.of(1, 2, 4, 8) : steps;
        if (pictures < 2 || size < 16 || wanted.stream().anyMatch(k -> k < 1)) {
            throw new IllegalArgumentException("--pictures is at least 2, --size at least 16 and --steps at least 1");
        }
        EvaluateCommand.checkFile("-o", out, ".json");
        EvaluateCommand.checkFile("--sheet", sheet, ".png");
        if (!Files.isDirectory(data)) {
            throw new IllegalArgumentException("there is no folder " + data
                    + "; 'vortexel data build --out datasets/emoji64 --size 64' makes the emoji, --data names another");
        }
        PackedImages chosen = chosen(data, splits.isEmpty() ? List.of("heldout") : splits, pictures, size, seed);
        List<CodecReport> reports = new ArrayList<>();
        List<ContactSheet.Cell> cells = new ArrayList<>();
        add(
                cells,
                "picture",
                IntStream.range(0, chosen.count()).mapToObj(chosen::image).toList());
        console.say("%-32s %6s %9s %9s %8s %11s %9s"
                .formatted("codec", "steps", "FD", "PSNR", "SSIM", "perceptual", "images/s"));
        try (Device opened = device.open();
                MobileNetFeatures features = MobileNetFeatures.load(MobileNetPackage.fetch(), opened)) {
            CodecEvaluation evaluation = new CodecEvaluation(features, seed);
            for (Path folder : codecs) {
                for (int k : SsddModel.isIn(folder) ? wanted : List.of(0)) {
                    OptionalInt given = k == 0 ? OptionalInt.empty() : OptionalInt.of(k);
                    try (LatentCodec codec = Codecs.open(folder, opened, given)) {
                        CodecEvaluation.Result result = evaluation.of(folder.toString(), codec, k, chosen);
                        reports.add(result.report());
                        line(result.report());
                        add(cells, folder.getFileName() + (k == 0 ? "" : " " + k), result.decoded());
                    }
                }
            }
        }
        if (out != null) {
            Json.write(out, new Report(data.toString(), size, seed, reports));
            console.say(out.toString());
        }
        if (sheet != null) {
            ImageFile.writePng(sheet, ContactSheet.of(cells, Math.min(SHOWN, chosen.count()), CELL));
            console.say(sheet.toString());
        }
        return 0;
    }

    /// Everything that was measured and what it depends on.
    ///
    /// @param data the image folder
    /// @param size side of the pictures
    /// @param seed of the choice and of the first picture's noise
    /// @param codecs the figures
    record Report(String data, int size, long seed, List<CodecReport> codecs) {}

    /// Some pictures of a data set, chosen by the seed.
    static PackedImages chosen(Path data, List<String> splits, int most, int size, long seed) {
        ImageFolder all = ImageFolder.open(data).select(Selection.all().withSplits(splits.toArray(new String[0])));
        int[] order = Philox.of(seed).permutation(all.size());
        Set<Entry> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < Math.min(most, order.length); i++) {
            kept.add(all.entries().get(order[i]));
        }
        return all.select(kept::contains).pack(size);
    }

    private void add(List<ContactSheet.Cell> cells, String name, List<Image> images) {
        for (Image image : images.subList(0, Math.min(SHOWN, images.size()))) {
            cells.add(new ContactSheet.Cell(image, name));
        }
    }

    private void line(CodecReport r) {
        console.say(String.format(
                Locale.ROOT,
                "%-32s %6s %9.3f %9.2f %8.4f %11.4f %9.1f",
                Path.of(r.codec()).getFileName(),
                r.steps() == 0 ? "-" : r.steps(),
                r.mobileNetV2Block9Fd(),
                r.psnr(),
                r.ssim(),
                r.perceptualDistance(),
                r.decodedPerSecond()));
    }
}
