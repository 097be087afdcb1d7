package org.vortexel.diffusion;

import java.util.stream.IntStream;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a batch of pictures should show.
public sealed interface Condition permits Condition.None, Condition.Label, Condition.Text {
    /// How many pictures there are.
    int batch();

    /// This batch with another of the same kind below it.
    ///
    /// @throws IllegalArgumentException when the kinds or the widths differ
    Condition and(Condition other);

    /// Nothing: the network is unconditional.
    record None(int batch) implements Condition {
        @Override
        public Condition and(Condition other) {
            return new None(batch + other.batch());
        }
    }

    /// One class per picture; a network's null class stands for any.
    ///
    /// @param labels `(N)`
    record Label(int... labels) implements Condition {
        @Override
        public int batch() {
            return labels.length;
        }

        @Override
        public Condition and(Condition other) {
            if (other instanceof Label(int[] more)) {
                return new Label(IntStream.concat(IntStream.of(labels), IntStream.of(more))
                        .toArray());
            }
            throw new IllegalArgumentException("labels do not go with " + other);
        }
    }

    /// One text per picture, as its encoder gave it.
    ///
    /// @param states token states `(N, L, D)`
    /// @param mask `(N, L)`, 1 for tokens and 0 for padding
    /// @param pooled one vector per text `(N, D)`
    record Text(NdArray states, NdArray mask, NdArray pooled) implements Condition {
        public Text {
            if (states.shape().rank() != 3
                    || !mask.shape()
                            .equals(Shape.of(
                                    states.shape().dim(0), states.shape().dim(1)))
                    || pooled.shape().rank() != 2
                    || pooled.shape().dim(0) != states.shape().dim(0)) {
                throw new IllegalArgumentException(
                        "a text wants states (N, L, D), mask (N, L) and pooled (N, D) but got " + states.shape() + ", "
                                + mask.shape() + " and " + pooled.shape());
            }
        }

        @Override
        public int batch() {
            return states.shape().dim(0);
        }

        @Override
        public Condition and(Condition other) {
            if (other instanceof Text(NdArray moreStates, NdArray moreMask, NdArray morePooled)) {
                return new Text(
                        Batch.stack(states, moreStates), Batch.stack(mask, moreMask), Batch.stack(pooled, morePooled));
            }
            throw new IllegalArgumentException("a text does not go with " + other);
        }
    }
}
