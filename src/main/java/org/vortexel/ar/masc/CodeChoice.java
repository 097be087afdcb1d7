package org.vortexel.ar.masc;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.vortexel.ar.ArModel;
import org.vortexel.ar.Dropout;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.TokenSampling;
import org.vortexel.ar.Uniforms;
import org.vortexel.codebook.Codebook;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.nn.Probe;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

/// From a model's tokens to a tokenizer's codes, in the way its sampling names.
public sealed interface CodeChoice extends AutoCloseable permits CodeChoice.Alone, CodeChoice.Refined {
    /// One code for every token of every picture.
    ///
    /// @param prompt of the pictures
    /// @param tokens (N)(T)
    /// @param uniforms of a stream of their own
    /// @return (N)(T)
    int[][] codes(Prompt prompt, int[][] tokens, Uniforms uniforms);

    @Override
    void close();

    /// The choice of a model.
    ///
    /// @param members how
    /// @param codebook the tokenizer's codes as they are compared
    /// @param folder of the model, where a refinement network is looked for
    static CodeChoice of(ArModel model, ArModel.Members members, Codebook codebook, Path folder, Device device) {
        return switch (members) {
            case UNIFORM -> new Alone(new MemberDecoding.Uniform(model.clusters()));
            case FREQUENT -> new Alone(new MemberDecoding.Frequent(model.clusters(), model.counts()));
            case MEDOID -> new Alone(MemberDecoding.Medoid.of(model.clusters(), codebook));
            case REFINED -> {
                Path refiner = folder.resolve(ArModel.REFINER);
                if (!RefinerModel.isIn(refiner)) {
                    throw new IllegalArgumentException("there is no refinement network in " + refiner);
                }
                yield new Refined(model, RefinerModel.load(refiner, model.clusters()), device);
            }
        };
    }

    /// The choice by a refinement network.
    static CodeChoice refined(ArModel model, RefinerModel refiner, Device device) {
        return new Refined(model, refiner, device);
    }

    /// Every position by itself.
    ///
    /// @param decoding how
    record Alone(MemberDecoding decoding) implements CodeChoice {
        @Override
        public int[][] codes(Prompt prompt, int[][] tokens, Uniforms uniforms) {
            return decoding.codes(tokens, uniforms);
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    /// By a refinement network, which sees the states of the transformer.
    final class Refined implements CodeChoice {
        private final ArModel model;
        private final RefinerModel refiner;
        private final Device device;
        private final Weights weights;
        private final Map<Integer, Player> players = new HashMap<>();

        Refined(ArModel model, RefinerModel refiner, Device device) {
            this.model = model;
            this.refiner = refiner;
            this.device = device;
            this.weights = new Weights(model.weights().asMap());
            refiner.weights().asMap().forEach(weights::put);
        }

        private Player player(int batch) {
            Recorder r = new Recorder();
            r.output("logits", record(r, model.gpt(), refiner.network(), batch));
            return device.load(r.program(), weights);
        }

        @Override
        public int[][] codes(Prompt prompt, int[][] tokens, Uniforms uniforms) {
            int batch = tokens.length;
            int length = tokens[0].length;
            Player player = players.computeIfAbsent(batch, this::player);
            int[] all = new int[batch * length];
            for (int n = 0; n < batch; n++) {
                System.arraycopy(tokens[n], 0, all, n * length, length);
            }
            set(player, refiner.network(), prompt, all);
            player.run();
            float[] logits = player.get("logits").data();
            int most = refiner.network().choices();
            int[][] codes = new int[batch][length];
            for (int i = 0; i < all.length; i++) {
                float[] row = java.util.Arrays.copyOfRange(logits, i * most, (i + 1) * most);
                int place = TokenSampling.plain().draw(row, uniforms.at(i / length, i % length));
                codes[i / length][i % length] = model.clusters().members()[all[i]][place];
            }
            return codes;
        }

        @Override
        public void close() {
            players.values().forEach(Player::close);
            players.clear();
        }
    }

    /// Records the logits of the members, (N, T, M), from tokens (N, T), which are the inputs
    /// `context`, `branches`, `members`, `mask` and, for captions, `hidden`; see [#set].
    static Tensor record(Recorder r, Gpt gpt, Refiner refiner, int batch) {
        int tokens = gpt.config().tokens();
        int prefixed = gpt.config().prefix().length();
        int length = prefixed + tokens - 1;
        Prompt.Recorded prompt = gpt.prompt(r, batch);
        Tensor prefix = gpt.prefix(prompt);
        Tensor context = Embedding.of(gpt.table(prefix), r.ids("context", Shape.of(batch, tokens - 1)));
        Tensor hidden = prompt instanceof Prompt.RecordedCaptions
                ? r.input("hidden", Shape.of(batch, 1, length, length))
                : null;
        Tensor states = gpt.forward(prefix, context, hidden, Dropout.NONE, Probe.NONE)
                .last()
                .slice(1, prefixed - 1, length)
                .detach(); // (N, T, D)
        Shape choices = Shape.of(batch, tokens, refiner.choices());
        return refiner.forward(
                states,
                r.ids("branches", Shape.of(batch, tokens)),
                r.ids("members", choices),
                r.input("mask", choices));
    }

    /// Sets the inputs of [#record].
    ///
    /// @param tokens (N T)
    static void set(Player player, Refiner refiner, Prompt prompt, int... tokens) {
        int batch = prompt.batch();
        int length = tokens.length / batch;
        int[] context = new int[batch * (length - 1)];
        for (int n = 0; n < batch; n++) {
            System.arraycopy(tokens, n * length, context, n * (length - 1), length - 1);
        }
        prompt.set(player);
        if (prompt instanceof Prompt.Captions captions) {
            player.set("hidden", captions.hidden(captions.states().shape().dim(1) + length - 1));
        }
        Refiner.Choices choices = refiner.choicesOf(tokens);
        player.set("context", context)
                .set("branches", tokens)
                .set("members", choices.ids())
                .set("mask", choices.mask());
    }
}
