package org.vortexel.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// Builds a small set of photographs as an image folder: each is scaled until its shorter side is four pictures
/// long and cut into squares. Every fourth photograph is held out, so that no photograph has squares on both sides.
///
/// The photographs are those of Debian's wallpaper packages, with licences of their own: they serve to measure, not
/// to ship. There are a few dozen only, so a figure on them is one of a small set.
public final class Photographs {
    private static final String FOLDER = "./usr/share/backgrounds/";
    private static final int PICTURES_A_SIDE = 4;
    private static final int HELD_OUT = 4;
    private static final Map<String, List<String>> FILES = Map.of(
            "lomiri-wallpapers-16.04",
            List.of(
                    "Bridge_by_Sander_Klootwijk.jpg",
                    "Dragonfly_by_Bolly.jpg",
                    "Picture_0B_by_freespace.jpg",
                    "Picture_1A_by_freespace.jpg",
                    "Wine_by_Jakkub_Mede.jpg",
                    "aitzgorri_by_Aitzol_Berasategi.jpg",
                    "free_by_Peter_Nerlich.jpg",
                    "friends_by_Aitzol_Berasategi.jpg",
                    "greentock_by_Peter_Nerlich.jpg",
                    "life_by_Aitzol_Berasategi.jpg",
                    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
                    "seeding_by_Clements_Engelhardt.jpg",
                    "sunset_by_Aitzol_Berasategi.jpg",
                    "umang_by_Abhishek_Mudgal.jpg"),
            "lomiri-wallpapers-20.04",
            List.of("Fossa_by_Jasper_Roks.jpg", "Infinite-Sea_by_Aury88.jpg", "Kleiber_by_Lukas_Baubkus.jpg"),
            "mate-backgrounds",
            List.of(
                    "mate/nature/Aqua.jpg",
                    "mate/nature/Blinds.jpg",
                    "mate/nature/Dune.jpg",
                    "mate/nature/FreshFlower.jpg",
                    "mate/nature/Garden.jpg",
                    "mate/nature/GreenMeadow.jpg",
                    "mate/nature/LadyBird.jpg",
                    "mate/nature/RainDrops.jpg",
                    "mate/nature/Storm.jpg",
                    "mate/nature/TwoWings.jpg",
                    "mate/nature/Wood.jpg",
                    "mate/nature/YellowFlower.jpg"));

    private Photographs() {}

    /// A photograph before it is cut.
    ///
    /// @param name such as `Dune`
    /// @param bytes of its file
    record Photograph(String name, byte[] bytes) {}

    /// Builds the folder, or finds that it is up to date.
    ///
    /// @param out the folder to make; missing or empty, or an earlier result of the same size
    /// @param size width and height of the pictures, 8 … 512 pixels
    /// @return style and split to the number of pictures
    /// @throws IllegalArgumentException if `out` holds something else, or a package cannot be fetched
    /// @throws java.io.UncheckedIOException if the disk refuses, for example because it is full
    public static Map<String, Integer> build(Path out, int size, EmojiBuilder.Progress progress) {
        if (size < 8 || size > 512) {
            throw new IllegalArgumentException("the size must be 8 to 512 pixels but is " + size);
        }
        StampedFolder folder = new StampedFolder(out, stamp(size));
        if (!folder.isBuilt()) {
            List<Photograph> photographs = fetch(progress);
            folder.write(building -> write(photographs, size, building, progress));
        }
        return folder.count();
    }

    private static String stamp(int size) {
        ObjectNode node = new ObjectMapper().createObjectNode();
        node.put("builder", "vortexel photographs").put("format", 1).put("size", size);
        return node.toPrettyString() + "\n";
    }

    private static List<Photograph> fetch(EmojiBuilder.Progress progress) {
        List<Photograph> photographs = new ArrayList<>();
        List<String> packages = FILES.keySet().stream().sorted().toList();
        for (String name : packages) {
            List<String> files = FILES.getOrDefault(name, List.of());
            List<byte[]> contents = new DebianPackage(name)
                    .files(files.stream().map(FOLDER::concat).toList());
            for (int i = 0; i < files.size(); i++) {
                String file = files.get(i);
                String stem = file.substring(file.lastIndexOf('/') + 1, file.lastIndexOf('.'));
                photographs.add(new Photograph(stem, contents.get(i)));
            }
            progress.at("fetch", packages.indexOf(name) + 1, packages.size());
        }
        return photographs;
    }

    static void write(List<Photograph> photographs, int size, Path folder, EmojiBuilder.Progress progress)
            throws IOException {
        StringBuilder metadata = new StringBuilder();
        for (int i = 0; i < photographs.size(); i++) {
            Photograph photograph = photographs.get(i);
            List<Image> squares = squares(ImageFile.decode(photograph.name(), photograph.bytes()), size);
            for (int j = 0; j < squares.size(); j++) {
                String file = "%s-%03d.png".formatted(photograph.name(), j);
                Files.write(folder.resolve(file), ImageFile.encodePng(squares.get(j), Optional.empty()));
                ObjectNode node = new ObjectMapper().createObjectNode();
                node.put("file_name", file)
                        .put("text", "part of " + photograph.name())
                        .put("style", "photograph")
                        .put("base", photograph.name())
                        .put("split", i % HELD_OUT == HELD_OUT - 1 ? "heldout" : "train");
                metadata.append(node).append('\n');
            }
            progress.at("draw", i + 1, photographs.size());
        }
        Files.writeString(folder.resolve(ImageFolder.METADATA), metadata);
    }

    private static List<Image> squares(Image whole, int size) {
        int shorter = Math.min(whole.width(), whole.height());
        long side = (long) PICTURES_A_SIDE * size;
        Image scaled = whole.resized(
                Math.toIntExact(side * whole.width() / shorter), Math.toIntExact(side * whole.height() / shorter));
        List<Image> squares = new ArrayList<>();
        for (int y = 0; y + size <= scaled.height(); y += size) {
            for (int x = 0; x + size <= scaled.width(); x += size) {
                squares.add(scaled.cropped(x, y, size, size));
            }
        }
        return squares;
    }
}
