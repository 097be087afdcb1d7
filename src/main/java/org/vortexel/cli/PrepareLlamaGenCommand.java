package org.vortexel.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.codebook.Partition;
import org.vortexel.codec.vq.VqConfig;
import org.vortexel.codec.vq.VqModel;
import org.vortexel.codec.vq.VqTokenizer;
import org.vortexel.program.Weights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `vortexel prepare llamagen --tokenizer FILE --gpt FILE --size b -o DIR`: public checkpoints as a
/// model's folder.
@Command(
        name = "llamagen",
        description = "Make a model's folder of LlamaGen's class-to-image checkpoints, as .safetensors files.",
        mixinStandardHelpOptions = true)
final class PrepareLlamaGenCommand implements Callable<Integer> {
    /// As the published class-to-image models are sampled.
    private static final double GUIDANCE = 2;

    @Mixin
    private Console console = new Console();

    @Option(names = "--tokenizer", required = true, description = "vq_ds16_c2i or vq_ds8_c2i as .safetensors")
    private Path tokenizer = Path.of("");

    @Option(names = "--gpt", required = true, description = "c2i_B_256, c2i_L_384, ... as .safetensors")
    private Path gpt = Path.of("");

    @Option(names = "--size", required = true, description = "b, l, xl, xxl, xxxl, 1b, 3b or 7b")
    private String size = "";

    @Option(names = "--grid", description = "tokens along a side: 16 for 256 pixels, 24 for 384 (default: 16)")
    private int grid = 16;

    @Option(names = "--compression", description = "16 or 8 pixels a token along a side (default: 16)")
    private int compression = 16;

    @Option(names = "-o", required = true, description = "folder of the model")
    private Path out = Path.of("");

    @Override
    public Integer call() {
        VqConfig codec = switch (compression) {
            case 16 -> VqConfig.vq16();
            case 8 -> VqConfig.vq8();
            default -> throw new IllegalArgumentException("--compression is 16 or 8 but is " + compression);
        };
        GptConfig network = switch (size) {
            case "b" -> GptConfig.b();
            case "l" -> GptConfig.l();
            case "xl" -> GptConfig.xl();
            case "xxl" -> GptConfig.xxl();
            case "xxxl" -> GptConfig.xxxl();
            case "1b" -> GptConfig.b1();
            case "3b" -> GptConfig.b3();
            case "7b" -> GptConfig.b7();
            default ->
                throw new IllegalArgumentException(
                        "--size is one of b, l, xl, xxl, xxxl, 1b, 3b, 7b but is '" + size + "'");
        };
        write(out, tokenizer, codec, gpt, network.withGrid(grid));
        console.say(out);
        return 0;
    }

    /// Writes a model's folder. Classes are named by their numbers, from 0.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when a file does not hold exactly the
    /// parameters of its sizes
    static void write(Path out, Path tokenizer, VqConfig codec, Path gpt, GptConfig network) {
        String name = String.valueOf(gpt.getFileName()).replaceFirst("\\.safetensors$", "");
        VqTokenizer vq = new VqTokenizer(codec);
        Gpt transformer = new Gpt(network);
        Weights codes;
        Weights learnt;
        try (SafeTensors first = SafeTensors.open(tokenizer);
                SafeTensors second = SafeTensors.open(gpt)) {
            codes = vq.weights(first);
            learnt = transformer.weights(second);
        }
        List<String> classes = IntStream.range(0, ((GptConfig.Classes) network.prefix()).count())
                .mapToObj(String::valueOf)
                .toList();
        ArModel.Config config = new ArModel.Config(
                name, network, classes, List.of(), false, ArModel.Sampling.PLAIN.withGuidance(GUIDANCE));
        int count = codec.codes();
        new ArModel(config, transformer, learnt, Partition.identity(count), new long[count]).save(out, StorageType.F32);
        new VqModel(new VqModel.Config(name, codec), vq, codes).save(out.resolve(ArModel.TOKENIZER), StorageType.F32);
    }
}
