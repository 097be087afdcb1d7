package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = x (1 + scale) + shift` on images, scale and shift given place by place on a coarser grid.
///
/// | tensor     | shape                                                                      |
/// |------------|----------------------------------------------------------------------------|
/// | `x`, `out` | (N, C, H, W)                                                               |
/// | `map`      | (N, 2 C, H / f, W / f): C channels of scales, then C of shifts; each number holds for a cell of f by
/// f pixels |
///
/// Gradient: `dx = dout (1 + scale)`, `dscale = sum of dout x`, `dshift = sum of dout`, sums over the cells.
///
/// Source: the adaptive group norm of Vallaeys et al. 2025, [arXiv:2510.04961](https://arxiv.org/abs/2510.04961);
/// without
/// it the map would be enlarged to the size of the image, in memory.
public record ModulateImage() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateImage");

    /// f, the side of a cell.
    ///
    /// @throws IllegalArgumentException when the map is not as the table of [ModulateImage] wants it
    static int cell(String op, Shape x, Shape map) {
        boolean fits = x.rank() == 4
                && map.rank() == 4
                && map.dim(0) == x.dim(0)
                && map.dim(1) == 2 * x.dim(1)
                && map.dim(2) > 0
                && x.dim(2) % map.dim(2) == 0
                && x.dim(2) / map.dim(2) * map.dim(3) == x.dim(3);
        if (!fits) {
            throw new IllegalArgumentException(
                    op + " of x " + x + " expected a map (N, 2 C, H / f, W / f) but got " + map);
        }
        return x.dim(2) / map.dim(2);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        cell("ModulateImage", in.get(0), in.get(1));
        return List.of(in.getFirst());
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        Shape map = to.in(1).shape();
        int cell = cell("ModulateImage", to.in(0).shape(), map);
        int channels = to.in(0).dim(1);
        int rows = to.in(0).dim(0) * channels * map.dim(2);
        to.launch(KERNEL, rows, to.out(0), to.in(0), to.in(1), channels, map.dim(2), map.dim(3), cell);
    }

    @Override
    public void gradient(Backward at) {
        Tensor dout = at.grad(0);
        if (at.wants(0)) {
            at.give(0, dout.apply(new InputGradient(), at.in(1)));
        }
        if (at.wants(1)) {
            at.give(1, dout.apply(new MapGradient(at.in(1).shape()), at.in(0)));
        }
    }

    /// `dx = dout (1 + scale)`: inputs `dout` and `map`.
    public record InputGradient() implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateImageInputGradient");

        @Override
        public String name() {
            return "ModulateImage.InputGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            cell(name(), in.get(0), in.get(1));
            return List.of(in.getFirst());
        }

        @Override
        public int inPlace() {
            return 0;
        }

        @Override
        public void lower(Lowering to) {
            Shape map = to.in(1).shape();
            int cell = cell(name(), to.in(0).shape(), map);
            int channels = to.in(0).dim(1);
            int rows = to.in(0).dim(0) * channels * map.dim(2);
            to.launch(KERNEL, rows, to.out(0), to.in(0), to.in(1), channels, map.dim(2), map.dim(3), cell);
        }

        /// `dx` of a line of cells; a row is one (n, c, line of the map).
        public static void modulateImageInputGradient(
                float[] dx,
                float[] dout,
                float[] map,
                int channels,
                int lines,
                int cells,
                int cell,
                int begin,
                int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int scale = scale(row, channels, lines, cells);
                int width = cells * cell;
                for (int y = 0; y < cell; y++) {
                    int at = (row * cell + y) * width;
                    for (int x = 0; x < width; x++) {
                        dx[at + x] = dout[at + x] * (1 + map[scale + x / cell]);
                    }
                }
            }
        }
    }

    /// `dmap`: inputs `dout` and `x`.
    ///
    /// @param map its shape
    public record MapGradient(Shape map) implements Op {
        private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateImageMapGradient");

        @Override
        public String name() {
            return "ModulateImage.MapGradient";
        }

        @Override
        public List<Shape> shapes(List<Shape> in) {
            cell(name(), in.get(0), map);
            return List.of(map);
        }

        @Override
        public void lower(Lowering to) {
            int cell = cell(name(), to.in(0).shape(), map);
            int channels = to.in(0).dim(1);
            int rows = to.in(0).dim(0) * channels * map.dim(2);
            to.launch(KERNEL, rows, to.out(0), to.in(0), to.in(1), channels, map.dim(2), map.dim(3), cell);
        }

        /// The scales' and shifts' gradients of a line of cells; a row is one (n, c, line of the map).
        public static void modulateImageMapGradient(
                float[] dmap,
                float[] dout,
                float[] x,
                int channels,
                int lines,
                int cells,
                int cell,
                int begin,
                int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int scale = scale(row, channels, lines, cells);
                int shift = scale + channels * lines * cells;
                int width = cells * cell;
                for (int j = 0; j < cells; j++) {
                    float dot = 0;
                    float sum = 0;
                    for (int y = 0; y < cell; y++) {
                        int at = (row * cell + y) * width + j * cell;
                        for (int c = 0; c < cell; c++) {
                            dot += dout[at + c] * x[at + c];
                            sum += dout[at + c];
                        }
                    }
                    dmap[scale + j] = dot;
                    dmap[shift + j] = sum;
                }
            }
        }
    }

    /// Where the scales of row (n, c, line) begin in a map; its shifts lie `channels * lines * cells` further on.
    private static int scale(int row, int channels, int lines, int cells) {
        int plane = row / lines;
        int n = plane / channels;
        return (plane + n * channels) * lines * cells + (row - plane * lines) * cells;
    }

    /// `out` of a line of cells; a row is one (n, c, line of the map).
    public static void modulateImage(
            float[] out, float[] x, float[] map, int channels, int lines, int cells, int cell, int begin, int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int scale = scale(row, channels, lines, cells);
            int shift = scale + channels * lines * cells;
            int width = cells * cell;
            for (int y = 0; y < cell; y++) {
                int at = (row * cell + y) * width;
                for (int c = 0; c < width; c++) {
                    out[at + c] = x[at + c] * (1 + map[scale + c / cell]) + map[shift + c / cell];
                }
            }
        }
    }
}
