package org.vortexel.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.tensor.Philox;

/// Builds scenes of two or three things on one canvas, with captions that say how they stand, from the single
/// things of an emoji folder: what a model needs that shall be asked whether every word of a prompt is in its
/// picture.
///
/// | relation | caption             | picture                                    |
/// |----------|---------------------|--------------------------------------------|
/// | `left`   | `a left of b`       | side by side                               |
/// | `above`  | `a above b`         | one over the other                         |
/// | `bigger` | `big a and small b` | one two thirds of the canvas, one a third  |
/// | `row`    | `a, b and c`        | three in a row                             |
///
/// A tenth of the pairs of things is held out in every relation and style: split `heldout_combination`, combination
/// `pair`. A scene of three is held out when it contains such a pair. The base of a scene is its relation and its
/// things' bases; its tags are the bases alone.
///
/// Mirrored scenes come in twos, the second with the same things in reverse order: whoever tells them apart looks at
/// how things stand.
public final class Scenes {
    private static final Set<String> GROUPS =
            Set.of("animals-nature", "food-drink", "travel-places", "activities", "objects");
    private static final double HELD_OUT_PAIRS = 0.1;
    private static final int LONGEST_NAME = 2;
    private static final int WHITE = 255;

    private Scenes() {}

    /// How the things of a scene stand.
    enum Relation {
        LEFT(2),
        ABOVE(2),
        BIGGER(2),
        ROW(3);

        final int things;

        Relation(int things) {
            this.things = things;
        }

        String caption(List<Thing> of) {
            String a = of.getFirst().name();
            String b = of.get(1).name();
            return switch (this) {
                case LEFT -> a + " left of " + b;
                case ABOVE -> a + " above " + b;
                case BIGGER -> "big " + a + " and small " + b;
                case ROW -> a + ", " + b + " and " + of.get(2).name();
            };
        }

        /// Left, top and side of every thing, as parts of the canvas.
        double[][] places() {
            return switch (this) {
                case LEFT -> new double[][] {{0.01, 0.26, 0.48}, {0.51, 0.26, 0.48}};
                case ABOVE -> new double[][] {{0.26, 0.01, 0.48}, {0.26, 0.51, 0.48}};
                case BIGGER -> new double[][] {{0.02, 0.1, 0.64}, {0.67, 0.44, 0.3}};
                case ROW -> new double[][] {{0.01, 0.34, 0.32}, {0.34, 0.34, 0.32}, {0.67, 0.34, 0.32}};
            };
        }
    }

    /// What stands in scenes: one thing in every style.
    record Thing(String base, String name, Map<String, Integer> pictures) {}

    private record Scene(Relation relation, String style, List<Thing> things) {
        String split() {
            for (int i = 0; i < things.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (heldOut(things.get(i).base(), things.get(j).base())) {
                        return "heldout_combination";
                    }
                }
            }
            return "train";
        }

        Scene turned(boolean reverse) {
            return reverse ? new Scene(relation, style, things.reversed()) : this;
        }
    }

    /// Whether two things, by their bases, are in no training scene together.
    static boolean heldOut(String a, String b) {
        String pair = a.compareTo(b) < 0 ? a + " " + b : b + " " + a;
        return EmojiSplit.chance("pair", pair) < HELD_OUT_PAIRS;
    }

    /// Builds the folder, or finds that it is up to date.
    ///
    /// @param out the folder to make; missing or empty, or an earlier result of the same request
    /// @param from an emoji folder; scenes have its styles
    /// @param size width and height of the pictures, 16 … 1024 pixels
    /// @param things how many things there are, at least 3; those that are drawn in every style, by chance
    /// @param count how many scenes
    /// @param seed chooses things and scenes
    /// @param mirrored whether every other scene shows the things of the one before in reverse order
    /// @return style and split to the number of pictures
    /// @throws IllegalArgumentException if a number is out of range, `from` has too few things, or `out` holds
    /// something else
    /// @throws UncheckedIOException if the disk refuses, for example because it is full
    public static Map<String, Integer> build(
            Path out,
            Path from,
            int size,
            int things,
            int count,
            long seed,
            boolean mirrored,
            EmojiBuilder.Progress progress) {
        if (size < 16 || size > 1024 || things < 3 || count < 1 || count > 1_000_000) {
            throw new IllegalArgumentException("scenes are 16 to 1024 pixels wide, of at least 3 things, and at most a"
                    + " million, but asked for were " + size + " pixels, " + things + " things, " + count + " scenes");
        }
        ImageFolder folder = ImageFolder.open(from);
        List<Thing> known = things(folder, things, seed);
        StampedFolder scenes = new StampedFolder(out, stamp(known, size, count, seed, mirrored));
        if (!scenes.isBuilt()) {
            scenes.write(building -> write(folder, known, size, count, seed, mirrored, building, progress));
        }
        return scenes.count();
    }

    private static String stamp(List<Thing> things, int size, int count, long seed, boolean mirrored) {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode node = mapper.createObjectNode();
        node.put("builder", "vortexel scenes")
                .put("format", 1)
                .put("size", size)
                .put("count", count);
        if (mirrored) { // folders made before there was a choice keep their stamp
            node.put("mirrored", true);
        }
        node.put("seed", seed)
                .set(
                        "things",
                        mapper.valueToTree(things.stream().map(Thing::base).toList()));
        return node.toPrettyString() + "\n";
    }

    /// The first so many of [#things(ImageFolder, long)].
    private static List<Thing> things(ImageFolder folder, int wanted, long seed) {
        List<Thing> things = things(folder, seed);
        if (things.size() < wanted) {
            throw new IllegalArgumentException("scenes of " + wanted + " things were asked for, but only "
                    + things.size() + " plain things are drawn in every one of the styles "
                    + new TreeSet<>(folder.entries().stream().map(Entry::style).toList()));
        }
        return things.subList(0, wanted);
    }

    /// Training things without skin tones, with short names, that are drawn in every style of the folder,
    /// in an order that the seed gives.
    static List<Thing> things(ImageFolder folder, long seed) {
        Map<String, Thing> found = new TreeMap<>();
        Set<String> styles = new TreeSet<>();
        for (int i = 0; i < folder.size(); i++) {
            Entry entry = folder.entries().get(i);
            styles.add(entry.style());
            boolean plain = entry.tones().isEmpty()
                    && entry.split().equals("train")
                    && GROUPS.contains(entry.group())
                    && entry.text().split(" ").length <= LONGEST_NAME;
            if (plain) {
                found.computeIfAbsent(entry.base(), base -> new Thing(base, entry.text(), new LinkedHashMap<>()))
                        .pictures()
                        .put(entry.style(), i);
            }
        }
        return found.values().stream()
                .filter(thing -> thing.pictures().keySet().containsAll(styles))
                .sorted(Comparator.comparingDouble(thing -> EmojiSplit.chance("thing " + seed, thing.base())))
                .toList();
    }

    private static void write(
            ImageFolder folder,
            List<Thing> things,
            int size,
            int count,
            long seed,
            boolean mirrored,
            Path building,
            EmojiBuilder.Progress progress)
            throws IOException {
        StringBuilder metadata = new StringBuilder();
        List<String> styles = List.copyOf(things.getFirst().pictures().keySet());
        for (int i = 0; i < count; i++) {
            Scene scene = mirrored
                    ? scene(things, styles, new Philox(seed, i / 2)).turned(i % 2 == 1)
                    : scene(things, styles, new Philox(seed, i));
            String file = "%06d.png".formatted(i);
            Files.write(
                    building.resolve(file),
                    ImageFile.encodePng(draw(folder, scene, size, new Philox(seed, i)), Optional.empty()));
            metadata.append(json(scene, file)).append('\n');
            progress.at("draw", i + 1, count);
        }
        Files.writeString(building.resolve(ImageFolder.METADATA), metadata);
        Files.writeString(building.resolve("ATTRIBUTION.md"), EmojiPackages.ATTRIBUTION);
    }

    /// Scene number `random.stream()`: a relation, a style, and different things.
    private static Scene scene(List<Thing> things, List<String> styles, Philox random) {
        Relation relation = Relation.values()[random.below(Relation.values().length, 0)];
        List<Thing> chosen = new ArrayList<>();
        for (int at = 2; chosen.size() < relation.things; at++) {
            Thing thing = things.get(random.below(things.size(), at));
            if (!chosen.contains(thing)) {
                chosen.add(thing);
            }
        }
        return new Scene(relation, styles.get(random.below(styles.size(), 1)), chosen);
    }

    private static Image draw(ImageFolder folder, Scene scene, int size, Philox random) {
        byte[] rgb = new byte[3 * size * size];
        Arrays.fill(rgb, (byte) WHITE);
        double[][] places = scene.relation().places();
        for (int i = 0; i < places.length; i++) {
            int side = (int) Math.round(places[i][2] * size);
            int left = place(places[i][0], size, side, random, 100 + 2 * i);
            int top = place(places[i][1], size, side, random, 101 + 2 * i);
            Thing thing = scene.things().get(i);
            Image image = folder.image(thing.pictures().getOrDefault(scene.style(), 0), side);
            for (int y = 0; y < side; y++) {
                System.arraycopy(image.rgb(), 3 * y * side, rgb, 3 * ((top + y) * size + left), 3 * side);
            }
        }
        return Image.of(size, size, rgb);
    }

    /// A thing's place, a 64th of the canvas to either side.
    private static int place(double at, int size, int side, Philox random, int index) {
        double shift = (2 * random.uniform(index) - 1) / 64;
        return Math.clamp(Math.round((at + shift) * size), 0, size - side);
    }

    private static String json(Scene scene, String file) {
        List<String> bases = scene.things().stream().map(Thing::base).toList();
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode node = mapper.createObjectNode();
        String relation = scene.relation().name().toLowerCase(Locale.ROOT);
        node.put("file_name", file)
                .put("text", scene.relation().caption(scene.things()))
                .put("style", scene.style())
                .put("group", "scene")
                .put("subgroup", relation)
                .put("base", relation + " " + String.join(" ", bases))
                .put("split", scene.split())
                .put("combination", scene.split().equals("train") ? "" : "pair")
                .set("tags", mapper.valueToTree(bases));
        return node.toString();
    }
}
