package org.vortexel.eval;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
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
            Entry wanted = asked.get(i);
            styles += nearest(drawn, i, real, pools, Pool::layout, _ -> true)
                            .style()
                            .equals(wanted.style())
                    ? 1
                    : 0;
            if (!wanted.tones().isEmpty()) {
                toned++;
                Entry found = nearest(
                        drawn,
                        i,
                        real,
                        pools,
                        Pool::pixels,
                        other -> other.style().equals(wanted.style())
                                && StyleEvaluation.kind(other).equals(StyleEvaluation.kind(wanted)));
                tones += found.tones().equals(wanted.tones()) ? 1 : 0;
            }
        }
        return new Attributes(
                pools.size() < 2 ? null : (double) styles / asked.size(), toned == 0 ? null : (double) tones / toned);
    }

    /// What picture `i` lies nearest to: its true picture, unless another real one is nearer.
    private static Entry nearest(
            Pool drawn, int i, Pool real, List<Pool> pools, Function<Pool, NdArray> features, Predicate<Entry> among) {
        NdArray own = features.apply(drawn);
        Entry nearest = real.entries().get(i);
        double best = Features.squaredDistance(own, i, features.apply(real), i);
        for (Pool pool : pools) {
            NdArray others = features.apply(pool);
            for (int j = 0; j < pool.entries().size(); j++) {
                Entry other = pool.entries().get(j);
                if (among.test(other)) {
                    double distance = Features.squaredDistance(own, i, others, j);
                    if (distance < best) {
                        best = distance;
                        nearest = other;
                    }
                }
            }
        }
        return nearest;
    }
}
