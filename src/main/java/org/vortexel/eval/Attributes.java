package org.vortexel.eval;

import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.Entry;
import org.vortexel.tensor.NdArray;

/// How often the nearest real picture has an attribute that was asked for.
///
/// @param style share of drawn pictures whose nearest real picture, of all styles and by features, is in the style
/// asked for; none where there is a single style
/// @param skinTone of captions that name skin tones, share whose nearest real picture, by pixels and among those that
/// show the same thing in the same style, has these tones; none where no caption names one
public record Attributes(@Nullable Double style, @Nullable Double skinTone) {
    /// What is known of some real pictures.
    ///
    /// @param entries their words
    /// @param layout features (M, D)
    /// @param pixels (M, P)
    record Pool(List<Entry> entries, NdArray layout, NdArray pixels) {}

    /// Measures drawn pictures. The true picture of each caption is always among the real ones.
    ///
    /// @param drawn what was drawn, with the words asked for
    /// @param real the true pictures of the same captions
    /// @param pools real pictures, in one style each, all styles
    static Attributes of(Pool drawn, Pool real, List<Pool> pools) {
        List<Entry> asked = drawn.entries();
        int styles = 0;
        int toned = 0;
        int tones = 0;
        for (int i = 0; i < asked.size(); i++) {
            styles += asked.get(i).style().equals(nearestStyle(drawn, i, real, pools)) ? 1 : 0;
            if (!asked.get(i).tones().isEmpty()) {
                toned++;
                tones += asked.get(i).tones().equals(nearestTones(drawn, i, real, pools)) ? 1 : 0;
            }
        }
        return new Attributes(
                pools.size() < 2 ? null : (double) styles / asked.size(), toned == 0 ? null : (double) tones / toned);
    }

    private static String nearestStyle(Pool drawn, int i, Pool real, List<Pool> pools) {
        String style = drawn.entries().get(i).style();
        double best = Features.squaredDistance(drawn.layout(), i, real.layout(), i);
        for (Pool pool : pools) {
            OptionalInt nearest = nearest(drawn.layout(), i, pool.layout(), _ -> true);
            double distance = nearest.isEmpty()
                    ? Double.POSITIVE_INFINITY
                    : Features.squaredDistance(drawn.layout(), i, pool.layout(), nearest.getAsInt());
            if (distance < best) {
                best = distance;
                style = pool.entries().get(nearest.getAsInt()).style();
            }
        }
        return style;
    }

    private static List<String> nearestTones(Pool drawn, int i, Pool real, List<Pool> pools) {
        Entry asked = drawn.entries().get(i);
        double best = Features.squaredDistance(drawn.pixels(), i, real.pixels(), i);
        List<String> tones = asked.tones();
        for (Pool pool : pools) {
            OptionalInt nearest = nearest(drawn.pixels(), i, pool.pixels(), j -> {
                Entry other = pool.entries().get(j);
                return other.style().equals(asked.style())
                        && StyleEvaluation.kind(other).equals(StyleEvaluation.kind(asked));
            });
            if (nearest.isPresent()
                    && Features.squaredDistance(drawn.pixels(), i, pool.pixels(), nearest.getAsInt()) < best) {
                best = Features.squaredDistance(drawn.pixels(), i, pool.pixels(), nearest.getAsInt());
                tones = pool.entries().get(nearest.getAsInt()).tones();
            }
        }
        return tones;
    }

    private static OptionalInt nearest(NdArray drawn, int i, NdArray pool, IntPredicate among) {
        double best = Double.POSITIVE_INFINITY;
        int nearest = -1;
        for (int j : IntStream.range(0, pool.shape().dim(0)).filter(among).toArray()) {
            double distance = Features.squaredDistance(drawn, i, pool, j);
            if (distance < best) {
                best = distance;
                nearest = j;
            }
        }
        return nearest < 0 ? OptionalInt.empty() : OptionalInt.of(nearest);
    }
}
