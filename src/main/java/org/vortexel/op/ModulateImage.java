package org.vortexel.op;

import java.lang.invoke.MethodHandles;
import java.util.List;
import org.vortexel.tensor.Shape;

/// `out = x (1 + scale) + shift` on images, scale and shift given place by place on a coarser grid.
///
/// | tensor     | shape                                                                      |
/// |------------|----------------------------------------------------------------------------|
/// | `x`, `out` | (N, C, H, W)                                                               |
/// | `map`      | (N, 2 C, h, w): C channels of scales, then C of shifts, each for a cell of H/h by W/w pixels |
///
/// Gradient: `dx = dout (1 + scale)`, `dscale = sum of dout x`, `dshift = sum of dout`, sums over the cells.
///
/// Source: the adaptive group norm of Vallaeys et al. 2025,
/// [arXiv:2510.04961](https://arxiv.org/abs/2510.04961); without it the map would be enlarged to the size of
/// the image, in memory.
public record ModulateImage() implements Op {
    private static final Kernel KERNEL = Kernel.of(MethodHandles.lookup(), "modulateImage");

    private static void check(String op, Shape x, Shape map) {
        boolean fits = x.rank() == 4
                && map.rank() == 4
                && map.dim(0) == x.dim(0)
                && map.dim(1) == 2 * x.dim(1)
                && map.size() > 0
                && x.dim(2) % map.dim(2) == 0
                && x.dim(3) % map.dim(3) == 0;
        if (!fits) {
            throw new IllegalArgumentException(
                    op + " of x " + x + " expected a map (N, 2 C, h, w), H and W multiples of h and w, but got " + map);
        }
    }

    /// Launches a kernel over the lines of cells of every channel of `x`.
    private static void launch(Lowering to, Kernel kernel, Shape x, Shape map) {
        int lines = map.dim(2);
        int cells = map.dim(3);
        int rows = x.dim(0) * x.dim(1) * lines;
        to.launch(
                kernel,
                rows,
                to.out(0),
                to.in(0),
                to.in(1),
                x.dim(1),
                lines,
                cells,
                x.dim(2) / lines,
                x.dim(3) / cells);
    }

    @Override
    public List<Shape> shapes(List<Shape> in) {
        check("ModulateImage", in.get(0), in.get(1));
        return List.of(in.getFirst());
    }

    @Override
    public int inPlace() {
        return 0;
    }

    @Override
    public void lower(Lowering to) {
        launch(to, KERNEL, to.in(0).shape(), to.in(1).shape());
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
            check(name(), in.get(0), in.get(1));
            return List.of(in.getFirst());
        }

        @Override
        public int inPlace() {
            return 0;
        }

        @Override
        public void lower(Lowering to) {
            launch(to, KERNEL, to.in(0).shape(), to.in(1).shape());
        }

        /// `dx` of a line of cells; a row is one (n, c, line of the map).
        public static void modulateImageInputGradient(
                float[] dx,
                float[] dout,
                float[] map,
                int channels,
                int lines,
                int cells,
                int tall,
                int wide,
                int begin,
                int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int scale = scale(row, channels, lines, cells);
                int width = cells * wide;
                for (int y = 0; y < tall; y++) {
                    int at = (row * tall + y) * width;
                    for (int x = 0; x < width; x++) {
                        dx[at + x] = dout[at + x] * (1 + map[scale + x / wide]);
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
            check(name(), in.get(0), map);
            return List.of(map);
        }

        @Override
        public void lower(Lowering to) {
            launch(to, KERNEL, to.in(0).shape(), map);
        }

        /// The scales' and shifts' gradients of a line of cells; a row is one (n, c, line of the map).
        public static void modulateImageMapGradient(
                float[] dmap,
                float[] dout,
                float[] x,
                int channels,
                int lines,
                int cells,
                int tall,
                int wide,
                int begin,
                int count) {
            for (@Parallel int i = 0; i < count; i++) {
                int row = begin + i;
                int scale = scale(row, channels, lines, cells);
                int shift = scale + channels * lines * cells;
                int width = cells * wide;
                for (int j = 0; j < cells; j++) {
                    float dot = 0;
                    float sum = 0;
                    for (int y = 0; y < tall; y++) {
                        int at = (row * tall + y) * width + j * wide;
                        for (int c = 0; c < wide; c++) {
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
            float[] out,
            float[] x,
            float[] map,
            int channels,
            int lines,
            int cells,
            int tall,
            int wide,
            int begin,
            int count) {
        for (@Parallel int i = 0; i < count; i++) {
            int row = begin + i;
            int scale = scale(row, channels, lines, cells);
            int shift = scale + channels * lines * cells;
            int width = cells * wide;
            for (int y = 0; y < tall; y++) {
                int at = (row * tall + y) * width;
                for (int c = 0; c < width; c++) {
                    out[at + c] = x[at + c] * (1 + map[scale + c / wide]) + map[shift + c / wide];
                }
            }
        }
    }
}
