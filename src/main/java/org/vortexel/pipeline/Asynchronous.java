package org.vortexel.pipeline;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.List;
import org.vortexel.diffusion.asyn.Curve;
import org.vortexel.diffusion.asyn.Masks;
import org.vortexel.image.Image;

/// Whether the places of a picture that the prompt speaks of are drawn later than the others (AsynDM), as a user
/// says it and a recipe keeps it; see [org.vortexel.diffusion.asyn.Asynchrony].
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "method")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Asynchronous.Off.class, name = "off"),
    @JsonSubTypes.Type(value = Asynchronous.On.class, name = "asyndm")
})
public sealed interface Asynchronous {
    /// All places share their times.
    record Off() implements Asynchronous {}

    /// Which places lag behind.
    enum Masking {
        /// Those that attend to the items, looked at anew after every step.
        DYNAMIC,
        /// Those that attended to the items in a synchronous run before, the mean over its steps.
        FIXED,
        /// All: a control.
        EVERYWHERE,
        /// As many as attend to the items, but anywhere: a control.
        RANDOM,
        /// Those that do not attend to the items: a control.
        INVERTED,
        /// Those that the user has marked.
        DRAWN
    }

    /// Every place has times of its own.
    ///
    /// @param curve how the times of places in a mask fall
    /// @param strength how far they lag behind, in [0, 1]; 0.3 to 0.7 work
    /// @param items what the prompt speaks of, words of it; empty for every word that says something
    /// @param masking which places lag behind
    /// @param threshold attention above so many times its mean covers a place; 1 in the paper
    /// @param drawn for [Masking#DRAWN]: rows of `#` for marked places and `.` for others; otherwise empty
    record On(Curve curve, double strength, List<String> items, Masking masking, double threshold, List<String> drawn)
            implements Asynchronous {
        private static final char MARKED = '#';
        private static final int MOST_ROWS = 256;

        public On {
            items = List.copyOf(items);
            drawn = List.copyOf(drawn);
            if (!(strength >= 0 && strength <= 1)) {
                throw new IllegalArgumentException("the strength of AsynDM is from 0 to 1 but is " + strength);
            }
            if (!(threshold > 0 && threshold < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("the threshold of AsynDM is above 0 but is " + threshold);
            }
            boolean rows = drawn.size() <= MOST_ROWS
                    && drawn.stream().allMatch(row -> row.matches("[#.]{1," + MOST_ROWS + "}"))
                    && drawn.stream().mapToInt(String::length).distinct().count() <= 1;
            if ((masking == Masking.DRAWN) == drawn.isEmpty() || !rows) {
                throw new IllegalArgumentException("a drawn mask of AsynDM is at most " + MOST_ROWS
                        + " rows of # and ., all of one length, and other masks have none");
            }
        }

        /// The rows of a picture whose bright places are marked.
        ///
        /// @param side rows and columns
        public static List<String> rows(Image mask, int side) {
            Image small = mask.resized(side, side);
            List<String> rows = new ArrayList<>();
            for (int y = 0; y < side; y++) {
                StringBuilder row = new StringBuilder();
                for (int x = 0; x < side; x++) {
                    int sum = small.channel(x, y, 0) + small.channel(x, y, 1) + small.channel(x, y, 2);
                    row.append(sum > 3 * 127 ? MARKED : '.');
                }
                rows.add(row.toString());
            }
            return rows;
        }

        /// Whether masks come from what the network attends to.
        boolean looks() {
            return switch (masking) {
                case DYNAMIC, FIXED, RANDOM, INVERTED -> true;
                case EVERYWHERE, DRAWN -> false;
            };
        }

        /// The drawn mask for a batch, all of it the first item's.
        Masks masks(int batch) {
            int columns = drawn.getFirst().length();
            int[] owner = new int[batch * drawn.size() * columns];
            for (int i = 0; i < owner.length; i++) {
                int place = i % (drawn.size() * columns);
                owner[i] = drawn.get(place / columns).charAt(place % columns) == MARKED ? 0 : -1;
            }
            return new Masks(batch, drawn.size(), columns, owner);
        }
    }
}
