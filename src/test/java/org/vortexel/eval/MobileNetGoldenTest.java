package org.vortexel.eval;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.data.NpmPackage;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.eval.MobileNetV2.Bottleneck;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The maps of TensorFlow.js with the weights in the npm package, which must lie in the user's cache; tests do not
/// fetch it.
class MobileNetGoldenTest {
    @TestFactory
    Stream<DynamicTest> everyMapEqualsTheReference() {
        Path path = Golden.files("mobilenet", "mobilenet.io.safetensors").getFirst();
        Optional<Path> archive = MobileNetPackage.NSFWJS.cached(NpmPackage.userCache());
        assumeTrue(
                archive.isPresent(),
                "the npm package " + MobileNetPackage.NSFWJS.archiveName() + " is not in " + NpmPackage.userCache()
                        + ": './vortexel evaluate --fetch' puts it there");
        Params params = new Params();
        MobileNetV2 network = MobileNetV2.of(params);
        Weights weights = FoldedNorms.of(MobileNetPackage.weights(archive.orElseThrow()), params);
        return Stream.of(64, 96)
                .map(size -> DynamicTest.dynamicTest(size + " pixels", () -> check(path, network, weights, size)));
    }

    private static void check(Path path, MobileNetV2 network, Weights weights, int size) {
        try (Golden golden = Golden.open(path);
                Device device = TestDevice.of(2)) {
            int[] bytes = golden.file().ints("img." + size);
            Recorder recorder = new Recorder();
            Tensor pictures = recorder.input("pictures", Shape.of(4, size, size, 3));
            record(recorder, network, pictures.mul(1 / 255f).permute(0, 3, 1, 2));
            try (Player player = device.load(recorder.program(), weights)) {
                float[] values = new float[bytes.length];
                for (int i = 0; i < bytes.length; i++) {
                    values[i] = bytes[i];
                }
                player.set("pictures", values).run();
                Map<String, NdArray> got = new HashMap<>();
                for (String name : golden.file().names()) {
                    if (name.startsWith(size + ".")) {
                        got.put(name, output(player, name.substring(name.indexOf('.') + 1)));
                    }
                }
                got.forEach((name, value) -> {
                    float[] wanted = golden.file().array(name).data();
                    Golden.close(name, wanted, value.data(), tolerance(wanted));
                });
            }
        }
    }

    /// Of some maps the file has the first picture only.
    private static NdArray output(Player player, String name) {
        return name.endsWith(".image0")
                ? player.get(name.replace(".image0", "")).rows(0, 1)
                : player.get(name);
    }

    /// The file's own: `2e-4 * max(1, max |ref|)`.
    private static double tolerance(float... wanted) {
        double largest = 1;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 2e-4 * largest;
    }

    private static void record(Recorder recorder, MobileNetV2 network, Tensor pictures) {
        Tensor x = MobileNetV2.relu6(network.stem().forward(pictures));
        for (int i = 0; i < network.blocks().size(); i++) {
            Bottleneck block = network.blocks().get(i);
            if (i == 3 || i == 6) {
                Tensor expanded = block.expanded(x);
                channelsLast(recorder, "block_" + i + "_expand_relu", expanded);
                recorder.output("block_" + i + "_expand_relu.mean", expanded.mean(false, 2, 3));
            }
            x = block.forward(x);
        }
        MobileNetV2.Maps maps = network.forward(pictures);
        channelsLast(recorder, "block_3_project_BN", maps.block3());
        channelsLast(recorder, "block_6_project_BN", maps.block6());
        channelsLast(recorder, "block_9_add", maps.block9());
        channelsLast(recorder, "block_9_add.resize3", Bilinear.FIRST_PIXELS.resize(maps.block9(), 3, 3));
        recorder.output("block_9_add.mean", maps.block9().mean(false, 2, 3));
    }

    /// Channels last, as the reference has them.
    private static void channelsLast(Recorder recorder, String name, Tensor map) {
        recorder.output(name, map.permute(0, 2, 3, 1));
    }
}
