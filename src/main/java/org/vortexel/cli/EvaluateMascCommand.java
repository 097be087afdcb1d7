package org.vortexel.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Geometry;
import org.vortexel.codebook.Linkage;
import org.vortexel.codebook.Partition;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.data.PackedImages;
import org.vortexel.device.Device;
import org.vortexel.eval.MobileNetFeatures;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.ReplacementEvaluation;
import org.vortexel.train.Clusters;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `vortexel evaluate masc DIR`: the clusters of MASC against rivals, without any training: their
/// shape, and what is left of pictures when every code is replaced by a member of its cluster.
@Command(
        name = "masc",
        description = "Compare clusters of a tokenizer's codes by what they keep of pictures.",
        mixinStandardHelpOptions = true)
final class EvaluateMascCommand implements Callable<Integer> {
    private static final int RESTARTS = 10;

    @Mixin
    private Console console = new Console();

    @Parameters(paramLabel = "DIR", description = "folder of a tokenizer")
    private Path folder = Path.of("");

    @Option(names = "--data", required = true, description = "image folder")
    private Path data = Path.of("");

    @Option(names = "--size", required = true, description = "side of the pictures in pixels")
    private int size;

    @Option(names = "--pictures", description = "at most so many held-out pictures (default: 500)")
    private int pictures = 500;

    @Option(
            names = {"-k", "--clusters"},
            split = ",",
            required = true,
            description = "how many clusters; several are compared one after the other")
    private List<Integer> counts = new ArrayList<>();

    @Option(names = "--seeds", description = "how often what is drawn by chance is drawn (default: 3)")
    private int seeds = 3;

    @Option(names = "--seed", description = "the first seed (default: 7)")
    private long seed = 7;

    @Option(names = "-o", description = "write all figures to this .json file")
    private @Nullable Path out;

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    /// One arm at one seed.
    ///
    /// @param arm how codes are clustered
    /// @param clusters k
    /// @param seed of the members and, where it plays a part, of the clusters
    /// @param geometry of the clusters
    /// @param replaced what is left of pictures
    record Row(String arm, int clusters, long seed, Geometry geometry, ReplacementEvaluation.Result replaced) {}

    /// Everything that was measured.
    ///
    /// @param tokenizer its folder
    /// @param data the image folder
    /// @param pictures how many
    /// @param rows the figures
    record Report(String tokenizer, String data, int pictures, List<Row> rows) {}

    @Override
    public Integer call() {
        EvaluateCommand.checkFile("-o", out, ".json");
        if (!VqModel.isIn(folder)) {
            throw new IllegalArgumentException("there is no tokenizer in " + folder + ": it has no vq.json");
        }
        if (seeds < 1 || pictures < 2) {
            throw new IllegalArgumentException("--seeds is at least 1 and --pictures at least 2");
        }
        PackedImages chosen = EvaluateCodecCommand.chosen(data, List.of("heldout"), pictures, size, seed);
        List<Row> rows = new ArrayList<>();
        console.say("%-16s %8s %12s %7s %7s %8s %8s %8s"
                .formatted("clusters by", "clusters", "replacement", "widest", "largest", "PSNR", "percept.", "FD"));
        try (Device opened = device.open();
                MobileNetFeatures features = MobileNetFeatures.load(MobileNetPackage.fetch(), opened);
                VqCodec codec = new VqCodec(VqModel.load(folder), opened)) {
            Codebook codebook = new Codebook(codec.codes());
            ReplacementEvaluation evaluation = new ReplacementEvaluation(codec, features, chosen);
            measure(rows, "none", new Clusters.Flat().of(codebook, folder), codebook, evaluation, seed);
            for (int k : counts) {
                for (int i = 0; i < seeds; i++) {
                    long own = seed + i;
                    arms(k, own).forEach((name, clusters) -> {
                        Partition partition = clusters.of(codebook, folder);
                        measure(rows, name, partition, codebook, evaluation, own);
                    });
                }
            }
        }
        Path json = out;
        if (json != null) {
            Json.write(json, new Report(folder.toString(), data.toString(), chosen.count(), rows));
            console.say(json.toString());
        }
        return 0;
    }

    private static Map<String, Clusters> arms(int k, long seed) {
        Map<String, Clusters> arms = new LinkedHashMap<>();
        arms.put("average (MASC)", new Clusters.Masc(k));
        arms.put("complete", new Clusters.Linked(Linkage.COMPLETE, k));
        arms.put("ward", new Clusters.Linked(Linkage.WARD, k));
        arms.put("single", new Clusters.Linked(Linkage.SINGLE, k));
        arms.put("k-means", new Clusters.KMeans(k, RESTARTS, seed));
        arms.put("random, even", new Clusters.Dealt(k, false, seed));
        arms.put("random as MASC", new Clusters.Dealt(k, true, seed));
        return arms;
    }

    private void measure(
            List<Row> rows,
            String name,
            Partition partition,
            Codebook codebook,
            ReplacementEvaluation evaluation,
            long own) {
        Row row = new Row(
                name, partition.clusters(), own, Geometry.of(partition, codebook), evaluation.of(partition, own));
        rows.add(row);
        Geometry g = row.geometry();
        ReplacementEvaluation.Result r = row.replaced();
        console.say(String.format(
                Locale.ROOT,
                "%-16s %8d %12.4f %7.4f %7d %8.2f %8.4f %8.3f",
                name,
                g.clusters(),
                g.replacement(),
                g.widest(),
                g.largest(),
                r.psnr(),
                r.perceptual(),
                r.fd()));
    }
}
