package org.vortexel.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.TestDevice;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// `transformers.BertModel` with random weights, its padding mask and both token types: every layer's states.
class BertGoldenTest {
    @TestFactory
    Stream<DynamicTest> everyStateEqualsTheReference() {
        return Golden.files("wordpiece_bert", "*.io.safetensors").stream()
                .map(path -> DynamicTest.dynamicTest(path.getFileName().toString(), () -> check(path)));
    }

    private static void check(Path path) {
        Params params = new Params();
        try (Golden golden = Golden.open(path);
                SafeTensors file = SafeTensors.open(Golden.sibling(path, ".io.", ".weights."));
                Device device = TestDevice.of(2)) {
            SafeTensors io = golden.file();
            BertConfig config = config(golden.about().path("config"));
            Bert bert = Bert.of(params, config);
            Linear pooler = Linear.of(params.in("pooler").in("dense"), config.width(), config.width());
            Weights weights = file.exactly(params.shapes());

            Shape tokens = io.shape("in.input_ids");
            Recorder recorder = new Recorder();
            Tensor ids = recorder.ids("ids", tokens);
            Tensor types = recorder.ids("types", tokens);
            Tensor mask = recorder.input("mask", Shape.of(tokens.dim(0), 1, 1, tokens.dim(1)));
            Tensor share = recorder.input("share", Shape.of(tokens.dim(0), tokens.dim(1), 1));
            List<Tensor> states = bert.forward(ids, types, mask);
            for (int i = 0; i < states.size(); i++) {
                recorder.output("out.hidden_" + i, states.get(i));
            }
            Tensor mean = Bert.mean(states.getLast(), share);
            recorder.output(
                    "out.pooler_output",
                    pooler.forward(states.getLast().index(1, 0)).tanh());
            recorder.output("out.mean_pooled", mean);
            recorder.output("out.sentence", Bert.unit(mean));

            int[] ones = io.ints("in.attention_mask");
            try (Player player = device.load(recorder.program(), weights)) {
                player.set("ids", io.ints("in.input_ids"));
                player.set("mask", additive(ones));
                player.set("share", share(ones, tokens.dim(1)));
                player.set("types", io.ints("in.token_type_ids")).run();
                for (int i = 0; i < states.size(); i++) {
                    golden.check("out.hidden_" + i, player.get("out.hidden_" + i));
                }
                golden.check("out.last_hidden_state", player.get("out.hidden_" + (states.size() - 1)));
                for (String name : List.of("out.pooler_output", "out.mean_pooled", "out.sentence")) {
                    golden.check(name, player.get(name));
                }
                player.set("types", new int[tokens.size()]).run();
                NdArray last = player.get("out.hidden_" + (states.size() - 1));
                golden.check("zero_types/out.last_hidden_state", last);
                golden.check("zero_types/out.sentence", player.get("out.sentence"));
            }
        }
    }

    private static BertConfig config(JsonNode json) {
        return new BertConfig(
                json.path("vocab_size").asInt(),
                json.path("hidden_size").asInt(),
                json.path("num_hidden_layers").asInt(),
                json.path("num_attention_heads").asInt(),
                json.path("intermediate_size").asInt(),
                json.path("max_position_embeddings").asInt(),
                json.path("type_vocab_size").asInt(),
                (float) json.path("layer_norm_eps").asDouble());
    }

    private static float[] additive(int... ones) {
        float[] mask = new float[ones.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = ones[i] == 1 ? 0 : TextStates.HIDDEN;
        }
        return mask;
    }

    private static float[] share(int[] ones, int columns) {
        float[] share = new float[ones.length];
        for (int row = 0; row < ones.length; row += columns) {
            int length = 0;
            for (int i = row; i < row + columns; i++) {
                length += ones[i];
            }
            for (int i = row; i < row + columns; i++) {
                share[i] = (float) ones[i] / length;
            }
        }
        return share;
    }
}
