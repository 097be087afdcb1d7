package org.vortexel.eval;

import org.vortexel.ar.ArModel;
import org.vortexel.ar.Dropout;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.Prompt;
import org.vortexel.ar.rear.NoisyContext;
import org.vortexel.codebook.Partition;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.nn.Probe;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.Shape;

/// Measures a model of tokens on pictures, a batch at a time; closing it does not close the device.
///
/// Source: comparable losses are ours; the share of correct tokens under noise is a diagnostic of
/// [arXiv:2510.04450](https://arxiv.org/abs/2510.04450).
public final class TokenEvaluation implements AutoCloseable {
    private static final double NOISE = 0.1;

    private final ArModel model;
    private final int batch;
    private final Player player;
    private final Sums clean = new Sums();
    private final Sums noisy = new Sums();
    private double logSize;
    private double surprise;

    private static final class Sums {
        private double loss;
        private double entropy;
        private long correct;
        private long tokens;
    }

    /// An evaluation by batches of one size.
    public TokenEvaluation(ArModel model, Device device, int batch) {
        this.model = model;
        this.batch = batch;
        Gpt gpt = model.gpt();
        int tokens = gpt.config().tokens();
        Recorder r = new Recorder();
        Prompt.Recorded prompt = gpt.prompt(r, batch);
        Tensor prefix = gpt.prefix(prompt);
        Tensor context = Embedding.of(gpt.table(prefix), r.ids("context", Shape.of(batch, tokens - 1)));
        Tensor hidden = prompt instanceof Prompt.RecordedCaptions ? r.input("hidden", hiddenShape()) : null;
        Tensor logits =
                gpt.forward(prefix, context, hidden, Dropout.NONE, Probe.NONE).logits();
        Tensor targets = r.ids("targets", Shape.of(batch, tokens));
        Tensor logP = logits.logSoftmax();
        r.output("loss", logits.crossEntropy(targets)); // (N, T)
        r.output("entropy", logP.exp().mul(logP).sum(false, 2).neg());
        r.output("logits", logits);
        player = device.load(r.program(), model.weights());
    }

    private Shape hiddenShape() {
        int length =
                model.gpt().config().prefix().length() + model.gpt().config().tokens() - 1;
        return Shape.of(batch, 1, length, length);
    }

    /// Looks at a batch of pictures.
    ///
    /// @param codes (N T) ids of the tokenizer
    /// @param seed of the noise
    public void add(Prompt prompt, int[] codes, long seed) {
        int[] tokens = model.clusters().clustersOf(codes);
        int vocabulary = model.gpt().config().vocabulary();
        run(prompt, tokens, tokens, clean);
        NoisyContext.Draws draws = NoisyContext.Draws.of(seed, 0, batch, tokens.length / batch, vocabulary);
        java.util.Arrays.fill(draws.pictures(), 1);
        NoisyContext context = NoisyContext.of(tokens, draws, (float) NOISE, NoisyContext.Mode.SWITCH, vocabulary);
        run(prompt, context.tokens(), tokens, noisy);
        logSize += model.clusters().meanLogSize(codes) * codes.length;
        for (int code : codes) {
            surprise -= Math.log(share(model.clusters(), code));
        }
    }

    /// How likely a code is in its cluster, by its counts plus 1.
    private double share(Partition clusters, int code) {
        long total = 0;
        int[] members = clusters.members()[clusters.labels()[code]];
        for (int member : members) {
            total += model.counts()[member] + 1;
        }
        return (model.counts()[code] + 1.0) / total;
    }

    private void run(Prompt prompt, int[] seen, int[] targets, Sums sums) {
        int length = targets.length / batch;
        int[] context = new int[batch * (length - 1)];
        for (int n = 0; n < batch; n++) {
            System.arraycopy(seen, n * length, context, n * (length - 1), length - 1);
        }
        prompt.set(player);
        if (prompt instanceof Prompt.Captions captions) {
            player.set("hidden", captions.hidden(hiddenShape().dim(2)));
        }
        player.set("context", context).set("targets", targets).run();
        float[] loss = player.get("loss").data();
        float[] entropy = player.get("entropy").data();
        float[] logits = player.get("logits").data();
        int vocabulary = logits.length / targets.length;
        for (int i = 0; i < targets.length; i++) {
            sums.loss += loss[i];
            sums.entropy += entropy[i];
            sums.correct += isLikeliest(logits, i * vocabulary, vocabulary, targets[i]) ? 1 : 0;
        }
        sums.tokens += targets.length;
    }

    private static boolean isLikeliest(float[] logits, int start, int vocabulary, int target) {
        for (int v = 0; v < vocabulary; v++) {
            float other = logits[start + v];
            float own = logits[start + target];
            if (other > own || (other == own && v < target)) {
                return false;
            }
        }
        return true;
    }

    /// What was found in all batches so far, at least one.
    public TokenReport report() {
        double n = clean.tokens;
        double loss = clean.loss / n;
        int vocabulary = model.gpt().config().vocabulary();
        return new TokenReport(
                (int) (clean.tokens / model.gpt().config().tokens()),
                loss,
                loss + logSize / n,
                loss + surprise / n,
                vocabulary == 1 ? 0 : clean.entropy / n / Math.log(vocabulary),
                clean.correct / n,
                noisy.correct / (double) noisy.tokens);
    }

    @Override
    public void close() {
        player.close();
    }
}
