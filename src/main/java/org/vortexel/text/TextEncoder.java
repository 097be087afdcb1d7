package org.vortexel.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// From texts to token states, with a [Bert] on a device.
///
/// A text is encoded at the next of the lengths 8, 16, 32, ... that holds it, in batches of 16, 4 or 1, so that a
/// handful of programs serves every request; each is recorded when it is first needed. The length depends on the
/// text alone, so its states do too, whatever else is encoded with it.
///
/// Used by one thread at a time. Closing it frees its programs, not the device.
public final class TextEncoder implements AutoCloseable {
    private static final int SHORTEST = 8;
    private static final List<Integer> BATCHES = List.of(16, 4, 1);

    private final WordPiece tokenizer;
    private final Bert bert;
    private final Weights weights;
    private final Device device;
    private final Map<Size, Player> players = new HashMap<>();

    private record Size(int batch, int length) {}

    /// An encoder of the given parts.
    ///
    /// @param weights the parameters of `bert`
    public TextEncoder(WordPiece tokenizer, Bert bert, Weights weights, Device device) {
        this.tokenizer = tokenizer;
        this.bert = bert;
        this.weights = weights;
        this.device = device;
    }

    /// MiniLM-L6-v2: D is 384, and texts have at most 512 tokens.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when the weights are not on the class path
    public static TextEncoder load(Device device) {
        Params params = new Params();
        Bert bert = Bert.of(params, BertConfig.miniLmL6());
        return new TextEncoder(MiniLm.tokenizer(), bert, MiniLm.weights().exactly(params.shapes()), device);
    }

    /// Numbers per token, D.
    public int width() {
        return bert.config().width();
    }

    /// The ids of a text's tokens, with `[CLS]` before and `[SEP]` behind, cut to at most `length`.
    public int[] ids(String text, int length) {
        return tokenizer.ids(text, length);
    }

    /// Encodes texts, each cut to at most `length` tokens.
    ///
    /// @param texts at least one; the empty text is `[CLS] [SEP]`
    /// @param length the L of the result, from 2 to the encoder's positions
    public TextStates encode(List<String> texts, int length) {
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("there is no text to encode");
        }
        if (length < 2 || length > bert.config().positions()) {
            throw new IllegalArgumentException("a text takes from 2 to "
                    + bert.config().positions() + " tokens but the length asked for is " + length);
        }
        List<int[]> ids =
                texts.stream().map(text -> tokenizer.ids(text, length)).toList();
        TextStates out = new TextStates(
                NdArray.zeros(Shape.of(texts.size(), length, width())),
                ids.stream().mapToInt(row -> row.length).toArray(),
                NdArray.zeros(Shape.of(texts.size(), width())));
        Map<Integer, List<Integer>> byLength = new TreeMap<>();
        for (int i = 0; i < ids.size(); i++) {
            byLength.computeIfAbsent(programLength(ids.get(i).length), _ -> new ArrayList<>())
                    .add(i);
        }
        byLength.forEach((padded, rows) -> {
            for (int begin = 0; begin < rows.size(); ) {
                int left = rows.size() - begin;
                int batch = BATCHES.stream().filter(b -> b <= left).findFirst().orElse(1);
                encode(ids, rows.subList(begin, begin + batch), padded, out);
                begin += batch;
            }
        });
        return out;
    }

    private int programLength(int tokens) {
        int length = SHORTEST;
        while (length < tokens) {
            length *= 2;
        }
        return Math.min(length, bert.config().positions());
    }

    /// Encodes the texts of the given rows in one run.
    private void encode(List<int[]> ids, List<Integer> rows, int padded, TextStates out) {
        int batch = rows.size();
        int[] tokens = new int[batch * padded];
        int[] lengths = new int[batch];
        float[] share = new float[batch * padded];
        Arrays.fill(tokens, tokenizer.padding());
        for (int i = 0; i < batch; i++) {
            int[] row = ids.get(rows.get(i));
            lengths[i] = row.length;
            System.arraycopy(row, 0, tokens, i * padded, row.length);
            Arrays.fill(share, i * padded, i * padded + row.length, 1f / row.length);
        }
        Player player = players.computeIfAbsent(new Size(batch, padded), this::player);
        player.set("ids", tokens)
                .set("types", new int[tokens.length])
                .set("mask", TextStates.mask(lengths, padded).data())
                .set("share", share)
                .run();
        float[] states = player.get("states").data();
        float[] pooled = player.get("pooled").data();
        int width = width();
        int stride = out.states().shape().dim(1) * width;
        for (int i = 0; i < batch; i++) {
            int row = rows.get(i);
            System.arraycopy(states, i * padded * width, out.states().data(), row * stride, lengths[i] * width);
            System.arraycopy(pooled, i * width, out.pooled().data(), row * width, width);
        }
    }

    private Player player(Size size) {
        Recorder recorder = new Recorder();
        Shape tokens = Shape.of(size.batch, size.length);
        Tensor ids = recorder.ids("ids", tokens);
        Tensor types = recorder.ids("types", tokens);
        Tensor mask = recorder.input("mask", Shape.of(size.batch, 1, 1, size.length));
        Tensor share = recorder.input("share", Shape.of(size.batch, size.length, 1));
        Tensor states = bert.forward(ids, types, mask).getLast();
        recorder.output("states", states);
        recorder.output("pooled", Bert.unit(Bert.mean(states, share)));
        return device.load(recorder.program(), weights);
    }

    @Override
    public void close() {
        players.values().forEach(Player::close);
        players.clear();
    }
}
