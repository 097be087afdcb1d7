package org.vortexel.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.vortexel.codebook.Agglomeration;
import org.vortexel.codebook.ClusterTree;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Geometry;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.device.Device;
import org.vortexel.train.Clusters;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel prepare masc --codec DIR`.
@Command(
        name = "masc",
        description = "Grow the tree of a tokenizer's codes by average linkage, and keep it with the tokenizer.",
        mixinStandardHelpOptions = true)
final class PrepareMascCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Option(names = "--codec", required = true, description = "folder of the tokenizer")
    private Path codec = Path.of("");

    @Option(
            names = {"-k", "--clusters"},
            split = ",",
            description = "show these cuts (default: a half, a quarter and an eighth of the codes)")
    private List<Integer> cuts = new ArrayList<>();

    @Mixin
    private DeviceOptions device = new DeviceOptions();

    @Override
    public Integer call() {
        VqModel model = PrepareTokensCommand.tokenizer(codec);
        Codebook codebook;
        try (Device opened = device.open();
                VqCodec ready = new VqCodec(model, opened)) {
            codebook = new Codebook(ready.codes());
        }
        int count = codebook.count();
        List<Integer> wanted =
                cuts.isEmpty() ? List.of(Math.max(1, count / 2), Math.max(1, count / 4), Math.max(1, count / 8)) : cuts;
        if (wanted.stream().anyMatch(k -> k < 1 || k > count)) {
            throw new IllegalArgumentException(
                    "the tokenizer has " + count + " codes, which cannot be cut into " + wanted + " clusters");
        }
        long start = System.nanoTime();
        ClusterTree tree = Agglomeration.masc(device.threads()).grow(codebook);
        double seconds = (System.nanoTime() - start) / 1e9;
        Path file = codec.resolve(Clusters.TREE);
        tree.save(file, codebook);
        console.say("%s: %d codes of %d numbers in %.2f s".formatted(file, count, codebook.width(), seconds));
        console.say("%9s %8s %7s %12s %7s".formatted("clusters", "largest", "single", "replacement", "widest"));
        for (int k : wanted) {
            Geometry g = Geometry.of(tree.cut(k), codebook);
            console.say("%9d %8d %7d %12.4f %7.4f"
                    .formatted(g.clusters(), g.largest(), g.single(), g.replacement(), g.widest()));
        }
        return 0;
    }
}
