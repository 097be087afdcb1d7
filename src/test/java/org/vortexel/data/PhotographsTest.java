package org.vortexel.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

class PhotographsTest {
    @TempDir
    private Path folder;

    private static Photographs.Photograph photograph(int i) {
        Image image = Image.filled(96 + 32 * i, 64, 10 * i, 0, 0);
        return new Photographs.Photograph("p" + i, ImageFile.encodePng(image, Optional.empty()));
    }

    @Test
    void photographsAreCutIntoSquaresAndEveryFourthIsHeldOut() throws IOException {
        List<Photographs.Photograph> five =
                IntStream.range(0, 5).mapToObj(PhotographsTest::photograph).toList();
        Photographs.write(five, 8, folder, (_, _, _) -> {});
        ImageFolder cut = ImageFolder.open(folder);
        // 4 rows of 6, 8, 10, 12 and 14 squares
        assertEquals(4 * (6 + 8 + 10 + 12 + 14), cut.size());
        for (Entry entry : cut.entries()) {
            assertEquals(entry.base().equals("p3") ? "heldout" : "train", entry.split());
        }
        Image square = cut.select(e -> e.base().equals("p4")).image(55, 8);
        assertEquals(40, square.channel(3, 3, 0));
    }

    @Test
    void aDamagedPhotographIsNamed() {
        List<Photographs.Photograph> bad = List.of(new Photographs.Photograph("dune", new byte[] {1, 2, 3}));
        var e = assertThrows(IllegalArgumentException.class, () -> Photographs.write(bad, 8, folder, (_, _, _) -> {}));
        assertEquals("dune: the picture cannot be read", e.getMessage().substring(0, 32));
        assertThrows(IllegalArgumentException.class, () -> Photographs.build(folder, 4, (_, _, _) -> {}));
    }
}
