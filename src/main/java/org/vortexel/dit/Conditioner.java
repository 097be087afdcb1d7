package org.vortexel.dit;

import java.util.Optional;
import org.vortexel.nn.Init;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;
import org.vortexel.tensor.Shape;

/// Turns a condition into what the blocks want.
sealed interface Conditioner permits Conditioner.LabelTable, CaptionProjection {
    /// What a condition becomes.
    ///
    /// @param vector (N, D), added to the embedded timestep
    /// @param text the projected token states, if blocks attend to them
    /// @param canvas (N, T, D), added to the patches, if the model has a canvas
    record Given(Tensor vector, Optional<DitBlock.Text> text, Optional<Tensor> canvas) {}

    /// Records the projection.
    ///
    /// @throws IllegalArgumentException when the condition is of another kind
    Given forward(Dit.Condition condition);

    /// One vector per label.
    ///
    /// @param table (count + 1, D)
    record LabelTable(Parameter table) implements Conditioner {
        static LabelTable of(Params params, DitConfig.Classes classes, int width) {
            return new LabelTable(
                    params.declare("embedding_table.weight", Shape.of(classes.count() + 1, width), Init.normal(0.02f)));
        }

        @Override
        public Given forward(Dit.Condition condition) {
            if (!(condition instanceof Dit.Labels labels)) {
                throw new IllegalArgumentException("Dit: this model is asked with class labels, not with a caption");
            }
            Tensor vectors = Embedding.of(table.on(labels.ids()), labels.ids());
            return new Given(vectors, Optional.empty(), Optional.empty());
        }
    }
}
