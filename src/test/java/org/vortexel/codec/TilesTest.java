package org.vortexel.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class TilesTest {
    @Test
    void tilesCoverTheSideAndShareTheOverlap() {
        assertEquals(List.of(0), new Tiles(8, 2).begins(8));
        assertEquals(List.of(0, 1), new Tiles(8, 2).begins(9));
        assertEquals(List.of(0, 6), new Tiles(8, 2).begins(14));
        assertEquals(List.of(0, 4, 7), new Tiles(8, 2).begins(15));
        assertThrows(IllegalArgumentException.class, () -> new Tiles(8, 8));
    }

    @Test
    void anImageThatFitsIsGivenAsItIs() {
        NdArray image = Philox.of(1).normal(Shape.of(2, 3, 8, 5));
        assertSame(image, new Tiles(8, 2).map(image, 1, 1, (tile, _, _) -> tile));
    }

    @Test
    void whatEveryTileAgreesOnComesOutUnchanged() {
        NdArray image = Philox.of(1).normal(Shape.of(2, 3, 19, 30));
        NdArray same = new Tiles(8, 3).map(image, 1, 1, (tile, _, _) -> tile);
        assertArrayEquals(image.data(), same.data(), 1e-5f);
    }

    @Test
    void resultsMayBeLargerOrSmallerThanTheInput() {
        NdArray image = Philox.of(1).normal(Shape.of(1, 1, 16, 24));
        NdArray small = new Tiles(8, 4).map(image, 1, 4, (tile, _, _) -> strided(tile, 4));
        assertArrayEquals(strided(image, 4).data(), small.data(), 1e-6f);
        NdArray large = new Tiles(8, 4).map(image, 2, 1, (tile, _, _) -> doubled(tile));
        assertArrayEquals(doubled(image).data(), large.data(), 1e-5f);
    }

    @Test
    void aTileIsToldWhereItBegins() {
        NdArray image = Philox.of(1).normal(Shape.of(1, 1, 13, 9));
        NdArray zeros = new Tiles(8, 2).map(image, 1, 1, (tile, top, left) -> {
            NdArray there = Tiles.crop(
                    image, top, left, tile.shape().dim(2), tile.shape().dim(3));
            NdArray difference = NdArray.zeros(tile.shape());
            for (int i = 0; i < difference.data().length; i++) {
                difference.data()[i] = tile.data()[i] - there.data()[i];
            }
            return difference;
        });
        assertEquals(NdArray.zeros(image.shape()), zeros);
    }

    private static NdArray strided(NdArray x, int by) {
        NdArray out =
                NdArray.zeros(Shape.of(1, 1, x.shape().dim(2) / by, x.shape().dim(3) / by));
        for (int i = 0; i < out.data().length; i++) {
            int width = out.shape().dim(3);
            out.data()[i] = x.get(0, 0, i / width * by, i % width * by);
        }
        return out;
    }

    private static NdArray doubled(NdArray x) {
        NdArray out =
                NdArray.zeros(Shape.of(1, 1, x.shape().dim(2) * 2, x.shape().dim(3) * 2));
        for (int i = 0; i < out.data().length; i++) {
            int width = out.shape().dim(3);
            out.data()[i] = x.get(0, 0, i / width / 2, i % width / 2);
        }
        return out;
    }
}
