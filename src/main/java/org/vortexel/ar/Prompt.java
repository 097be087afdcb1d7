package org.vortexel.ar;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.vortexel.device.Player;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// What a batch of pictures should show.
public sealed interface Prompt permits Prompt.Labels, Prompt.Captions {
    /// How many pictures there are.
    int batch();

    /// This batch with another of the same kind below it.
    ///
    /// @throws IllegalArgumentException when the kinds differ
    Prompt and(Prompt other);

    /// One class a picture.
    ///
    /// @param ids (N)
    record Labels(int... ids) implements Prompt {
        @Override
        public int batch() {
            return ids.length;
        }

        @Override
        public Prompt and(Prompt other) {
            if (other instanceof Labels(int[] more)) {
                return new Labels(
                        IntStream.concat(IntStream.of(ids), IntStream.of(more)).toArray());
            }
            throw new IllegalArgumentException("labels do not go with captions");
        }

        /// Every label, or `instead` where the uniform number drawn for it is below `share`: how a model
        /// learns to do without a label, for guidance.
        ///
        /// @param uniforms (N), in `[0, 1)`
        /// @param share in `[0, 1]`, 0.1 in the published recipes
        /// @param instead the null class
        public Labels dropped(float[] uniforms, double share, int instead) {
            int[] kept = ids.clone();
            for (int i = 0; i < kept.length; i++) {
                kept[i] = uniforms[i] < share ? instead : kept[i];
            }
            return new Labels(kept);
        }
    }

    /// One caption a picture.
    ///
    /// @param states (N, P, C)
    /// @param seen (N, P), whether a state is a part of the caption and not padding
    record Captions(NdArray states, boolean[][] seen) implements Prompt {
        /// Captions without padding.
        public static Captions of(NdArray states) {
            boolean[][] seen = new boolean[states.shape().dim(0)][states.shape().dim(1)];
            for (boolean[] row : seen) {
                Arrays.fill(row, true);
            }
            return new Captions(states, seen);
        }

        /// Captions with their padding moved in front, so that the last state, from which the first
        /// token is predicted, is always one of the caption.
        ///
        /// @param states (N, P, C), padding behind
        /// @param lengths (N), states of each caption, from 1 to P
        public static Captions behind(NdArray states, int... lengths) {
            int room = states.shape().dim(1);
            int width = states.shape().dim(2);
            NdArray moved = NdArray.zeros(states.shape());
            boolean[][] seen = new boolean[lengths.length][room];
            for (int n = 0; n < lengths.length; n++) {
                int from = n * room * width;
                int to = from + (room - lengths[n]) * width;
                System.arraycopy(states.data(), from, moved.data(), to, lengths[n] * width);
                Arrays.fill(seen[n], room - lengths[n], room, true);
            }
            return new Captions(moved, seen);
        }

        /// What to add to the scores of a whole sequence, (N, 1, S, S): -∞ where a key is padding,
        /// but every position sees itself.
        ///
        /// @param length positions, S, the caption's among them
        public NdArray hidden(int length) {
            NdArray hidden = NdArray.zeros(Shape.of(batch(), 1, length, length));
            for (int n = 0; n < batch(); n++) {
                for (int i = 0; i < length; i++) {
                    for (int j = 0; j < seen[n].length; j++) {
                        if (!seen[n][j] && i != j) {
                            hidden.data()[(n * length + i) * length + j] = Float.NEGATIVE_INFINITY;
                        }
                    }
                }
            }
            return hidden;
        }

        /// Every caption, or the states of `instead` where the uniform number drawn for it is below
        /// `share`; what is hidden stays.
        ///
        /// @param uniforms (N), in `[0, 1)`
        /// @param share in `[0, 1]`
        /// @param instead (N, P, C), the states of no caption
        public Captions dropped(float[] uniforms, double share, NdArray instead) {
            NdArray kept = states.copy();
            int size = states.shape().size(1, 3);
            for (int n = 0; n < batch(); n++) {
                if (uniforms[n] < share) {
                    System.arraycopy(instead.data(), n * size, kept.data(), n * size, size);
                }
            }
            return new Captions(kept, seen);
        }

        @Override
        public int batch() {
            return states.shape().dim(0);
        }

        @Override
        public Prompt and(Prompt other) {
            if (!(other instanceof Captions more)) {
                throw new IllegalArgumentException("captions do not go with labels");
            }
            float[] both = Arrays.copyOf(states.data(), states.data().length + more.states.data().length);
            System.arraycopy(more.states.data(), 0, both, states.data().length, more.states.data().length);
            boolean[][] rows = Arrays.copyOf(seen, seen.length + more.seen.length);
            System.arraycopy(more.seen, 0, rows, seen.length, more.seen.length);
            return new Captions(NdArray.of(states.shape().with(0, rows.length), both), rows);
        }
    }

    /// A prompt as a tensor of one batch.
    sealed interface Recorded permits RecordedLabels, RecordedCaptions {}

    /// Class labels.
    ///
    /// @param ids (N), the null class among them
    record RecordedLabels(Tensor ids) implements Recorded {}

    /// Caption states.
    ///
    /// @param states (N, P, C)
    record RecordedCaptions(Tensor states) implements Recorded {}

    /// Declares the input `prompt` of a batch of labels.
    static Recorded labels(Recorder recorder, int batch) {
        return new RecordedLabels(recorder.ids("prompt", Shape.of(batch)));
    }

    /// Declares the input `prompt` of a batch of captions.
    static Recorded captions(Recorder recorder, int batch, GptConfig.Captions sizes) {
        return new RecordedCaptions(recorder.input("prompt", Shape.of(batch, sizes.length(), sizes.width())));
    }

    /// Sets the input `prompt`.
    default void set(Player player) {
        switch (this) {
            case Labels labels -> player.set("prompt", labels.ids());
            case Captions captions -> player.set("prompt", captions.states());
        }
    }
}
