package org.vortexel.ar;

import java.util.Arrays;
import org.vortexel.nn.Embedding;
import org.vortexel.nn.Init;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Tensor;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Turns a prompt into the vectors that the tokens follow.
sealed interface PrefixEmbedding permits PrefixEmbedding.LabelTable, PrefixEmbedding.CaptionProjection {
    static PrefixEmbedding of(Params params, GptConfig config) {
        Init init = Init.normal(0.02f);
        return switch (config.prefix()) {
            case GptConfig.Classes classes ->
                new LabelTable(
                        Embedding.of(params.in("embedding_table"), classes.count() + 1, config.width()),
                        classes.count());
            case GptConfig.Captions captions ->
                new CaptionProjection(
                        Linear.unbiased(params.in("cap_proj.fc1"), captions.width(), config.width(), init),
                        Linear.unbiased(params.in("cap_proj.fc2"), config.width(), config.width(), init),
                        params.fixed(
                                "uncond_embedding", Shape.of(captions.length(), captions.width()), Init.normal((float)
                                        (1 / Math.sqrt(captions.width())))));
        };
    }

    /// (N, P, D).
    ///
    /// @throws IllegalArgumentException when the prompt is of another kind
    Tensor forward(Prompt.Recorded prompt);

    /// The prompt that asks for nothing in particular.
    Prompt nothing(int batch, Weights weights);

    /// One vector a class.
    ///
    /// @param table (count + 1, D)
    /// @param count the null class
    record LabelTable(Embedding table, int count) implements PrefixEmbedding {
        @Override
        public Tensor forward(Prompt.Recorded prompt) {
            if (!(prompt instanceof Prompt.RecordedLabels(Tensor ids))) {
                throw new IllegalArgumentException("Gpt: this model is asked with class labels, not with captions");
            }
            return table.forward(ids).reshape(ids.dim(0), 1, -1);
        }

        @Override
        public Prompt nothing(int batch, Weights weights) {
            int[] ids = new int[batch];
            Arrays.fill(ids, count);
            return new Prompt.Labels(ids);
        }
    }

    /// Two linear layers on every state of a caption.
    ///
    /// @param fc1 (…, C) to (…, D)
    /// @param fc2 (…, D) to (…, D)
    /// @param uncond (P, C), the states of no caption; not trained
    record CaptionProjection(Linear fc1, Linear fc2, Parameter uncond) implements PrefixEmbedding {
        @Override
        public Tensor forward(Prompt.Recorded prompt) {
            if (!(prompt instanceof Prompt.RecordedCaptions(Tensor states))) {
                throw new IllegalArgumentException("Gpt: this model is asked with captions, not with class labels");
            }
            return fc2.forward(fc1.forward(states).geluTanh());
        }

        @Override
        public Prompt nothing(int batch, Weights weights) {
            NdArray one = weights.get(uncond.name(), uncond.shape());
            float[] all = new float[batch * one.data().length];
            for (int i = 0; i < batch; i++) {
                System.arraycopy(one.data(), 0, all, i * one.data().length, one.data().length);
            }
            return Prompt.Captions.of(
                    NdArray.of(Shape.of(batch, one.shape().dim(0), one.shape().dim(1)), all));
        }
    }
}
