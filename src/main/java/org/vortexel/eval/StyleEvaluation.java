package org.vortexel.eval;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.Attribute;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.PackedImages;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Draws captions, style by style, and measures the pictures against the real ones.
///
/// @param features what pictures are compared by
/// @param judge tells their attributes; null for nobody
/// @param painter draws
/// @param captions how many captions of each split, or all where there are fewer
/// @param seed chooses the captions and is the seed of the first picture of each split; each further one has the next
/// @param progress told how far the work is
/// @param cancelled asked every few pictures
public record StyleEvaluation(
        MobileNetFeatures features,
        @Nullable Judge judge,
        Painter painter,
        int captions,
        long seed,
        Progress progress,
        BooleanSupplier cancelled) {
    /// The split that models are trained on.
    public static final String TRAIN = "train";

    private static final int AT_ONCE = 32;

    /// Draws captions.
    @FunctionalInterface
    public interface Painter {
        /// The pictures of some captions, square and all of one size.
        ///
        /// @param captions text and style
        /// @param seed of the first picture; each further one has the next
        /// @return one a caption, or nothing when cancelled
        Optional<List<Image>> draw(List<Entry> captions, long seed);
    }

    /// Told how far the work is.
    @FunctionalInterface
    public interface Progress {
        /// `done` of `total` pictures are drawn or looked at.
        ///
        /// @param task which pictures, such as `noto heldout`
        void at(String task, int done, int total);
    }

    /// What was found, and the pictures that it was found by.
    ///
    /// @param report the figures
    /// @param pairs drawn and true pictures of the training captions
    public record Result(StyleReport report, List<Pair> pairs) {}

    /// A caption's two pictures.
    ///
    /// @param entry the caption
    /// @param drawn by the model
    /// @param real from the data set
    public record Pair(Entry entry, Image drawn, Image real) {}

    /// A set of pictures with their features.
    private record Seen(List<Entry> entries, List<Image> images, MobileNetFeatures.Seen features, NdArray pixels) {}

    /// Evaluates some styles.
    ///
    /// @param folder pictures in these styles: the split `train`, and any others, which were held out
    /// @param size side of the painter's pictures in pixels
    /// @return a result for every style, in order, or nothing when cancelled
    /// @throws IllegalArgumentException when a style has no training pictures, or one cannot be read
    public Optional<List<Result>> of(List<String> styles, ImageFolder folder, int size) {
        List<Seen> pools = new ArrayList<>();
        for (String style : styles) {
            PackedImages training = folder.select(entry ->
                            entry.style().equals(style) && entry.split().equals(TRAIN))
                    .pack(size);
            Optional<Seen> pool = seen(style + " training pictures", training.entries(), images(training), false);
            if (pool.isEmpty()) {
                return Optional.empty();
            }
            pools.add(pool.get());
        }
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < styles.size(); i++) {
            String style = styles.get(i);
            ImageFolder own = folder.select(entry -> entry.style().equals(style));
            Optional<Result> result = of(style, own, size, pools.get(i));
            if (result.isEmpty()) {
                return Optional.empty();
            }
            results.add(result.get());
        }
        return Optional.of(results);
    }

    private Optional<Result> of(String style, ImageFolder folder, int size, Seen pool) {
        Map<String, ImageFolder> splits = new LinkedHashMap<>();
        for (Entry entry : folder.entries()) {
            splits.computeIfAbsent(
                    name(entry), name -> folder.select(other -> name(other).equals(name)));
        }
        List<String> order = new ArrayList<>(splits.keySet());
        order.sort((a, b) -> a.equals(TRAIN) ? -1 : b.equals(TRAIN) ? 1 : a.compareTo(b));
        List<String> kinds = kinds(pool);
        List<StyleReport.Split> reports = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (String split : order) {
            ImageFolder all = splits.get(split);
            List<Pair> drawn = all == null ? List.of() : draw(style + " " + split, all, size);
            Optional<StyleReport.Split> report = drawn.isEmpty() ? Optional.empty() : report(style, split, drawn, pool);
            if (report.isEmpty()) {
                return Optional.empty();
            }
            reports.add(report.get());
            if (split.equals(TRAIN)) {
                pairs.addAll(drawn);
            }
        }
        int different = new HashSet<>(kinds).size();
        return Optional.of(new Result(new StyleReport(style, kinds.size(), different, reports), pairs));
    }

    private static String name(Entry entry) {
        return (entry.split() + " " + entry.combination()).strip();
    }

    /// What a picture shows: its base, or its text where the data set does not say.
    static String kind(Entry entry) {
        return entry.base().isEmpty() ? entry.text() : entry.base();
    }

    private static List<Image> images(PackedImages packed) {
        return IntStream.range(0, packed.count()).mapToObj(packed::image).toList();
    }

    /// Draws some captions of a split; nothing when cancelled.
    private List<Pair> draw(String task, ImageFolder all, int size) {
        int[] chosen = evenly(all.size(), captions, seed);
        List<Pair> pairs = new ArrayList<>();
        for (int begin = 0; begin < chosen.length; begin += AT_ONCE) {
            int[] some = java.util.Arrays.copyOfRange(chosen, begin, Math.min(begin + AT_ONCE, chosen.length));
            List<Entry> entries =
                    IntStream.of(some).mapToObj(all.entries()::get).toList();
            Optional<List<Image>> drawn = painter.draw(entries, seed + begin);
            if (drawn.isEmpty()) {
                return List.of();
            }
            for (int i = 0; i < some.length; i++) {
                pairs.add(new Pair(entries.get(i), drawn.get().get(i), all.image(some[i], size)));
            }
            progress.at(task, pairs.size(), chosen.length);
        }
        return pairs;
    }

    /// `wanted` of the indices `0 … count - 1`, one by chance out of each of `wanted` equal stretches: data
    /// sets are in order of what they show, and every part of them should be asked about. All, when fewer are
    /// there.
    static int[] evenly(int count, int wanted, long seed) {
        if (wanted >= count) {
            return IntStream.range(0, count).toArray();
        }
        Philox random = Philox.of(seed);
        return IntStream.range(0, wanted)
                .map(i -> (int) Math.min((i + random.uniform(i)) * count / wanted, count - 1))
                .toArray();
    }

    private Optional<StyleReport.Split> report(String style, String split, List<Pair> pairs, Seen pool) {
        List<Entry> entries = pairs.stream().map(Pair::entry).toList();
        Optional<Seen> seenDrawn = seen(
                style + " " + split + ", drawn",
                entries,
                pairs.stream().map(Pair::drawn).toList(),
                true);
        Optional<Seen> seenReal = seen(
                style + " " + split + ", true",
                entries,
                pairs.stream().map(Pair::real).toList(),
                true);
        if (seenDrawn.isEmpty() || seenReal.isEmpty()) {
            return Optional.empty();
        }
        Seen drawn = seenDrawn.get();
        Seen real = seenReal.get();
        List<String> kinds = kinds(drawn);
        List<String> poolKinds = kinds(pool);
        return Optional.of(new StyleReport.Split(
                split,
                pairs.size(),
                Retrieval.of(
                        drawn.features().layout(),
                        real.features().layout(),
                        kinds,
                        pool.features().layout(),
                        poolKinds),
                Retrieval.of(drawn.pixels(), real.pixels(), kinds, pool.pixels(), poolKinds),
                Retrieval.chance(kinds, poolKinds),
                attributes(drawn),
                attributes(real),
                frechet(drawn, pool),
                frechet(real, pool),
                perceptualDistance(drawn, real, 0),
                perceptualDistance(drawn, real, Math.max(1, pairs.size() / 2)),
                Diversity.vendi(drawn.features().layout()),
                Diversity.vendi(real.features().layout())));
    }

    private @Nullable Attributes attributes(Seen seen) {
        return judge == null
                ? null
                : Attributes.of(
                        seen.entries().stream().map(Attribute::all).toList(),
                        judge.look(seen.images()).attributes(),
                        judge.attributes());
    }

    private static List<String> kinds(Seen seen) {
        return seen.entries().stream().map(StyleEvaluation::kind).toList();
    }

    private static @Nullable Double frechet(Seen some, Seen pool) {
        return Math.min(some.images().size(), pool.images().size()) < 2
                ? null
                : FrechetDistance.of(some.features().pooled(), pool.features().pooled());
    }

    /// The mean distance of drawn pictures to the true pictures `shift` captions on.
    private static double perceptualDistance(Seen drawn, Seen real, int shift) {
        int count = drawn.images().size();
        return IntStream.range(0, count)
                .mapToDouble(i -> drawn.features().perceptualDistance(i, real.features(), (i + shift) % count))
                .average()
                .orElse(0);
    }

    /// Looks at pictures; nothing when cancelled.
    ///
    /// @param places whether perceptual distances will be asked for
    private Optional<Seen> seen(String task, List<Entry> entries, List<Image> images, boolean places) {
        List<MobileNetFeatures.Seen> parts = new ArrayList<>();
        for (int begin = 0; begin < images.size(); begin += AT_ONCE) {
            if (cancelled.getAsBoolean()) {
                return Optional.empty();
            }
            int end = Math.min(begin + AT_ONCE, images.size());
            MobileNetFeatures.Seen part = features.of(images.subList(begin, end));
            parts.add(places ? part : part.withoutPlaces());
            progress.at(task, end, images.size());
        }
        return Optional.of(new Seen(entries, images, MobileNetFeatures.Seen.joined(parts), pixels(images)));
    }

    /// (N, 3 S S) in [-1, 1].
    private static NdArray pixels(List<Image> images) {
        int width = 3 * images.getFirst().width() * images.getFirst().height();
        NdArray pixels = NdArray.zeros(Shape.of(images.size(), width));
        for (int i = 0; i < images.size(); i++) {
            images.get(i).toFloats(pixels.data(), i * width);
        }
        return pixels;
    }
}
