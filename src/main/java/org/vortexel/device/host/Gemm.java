package org.vortexel.device.host;

import static org.vortexel.device.host.Packing.COLUMNS;
import static org.vortexel.device.host.Packing.ROWS;
import static org.vortexel.device.host.Packing.WIDE;
import static org.vortexel.device.host.VectorMath.LANES;
import static org.vortexel.device.host.VectorMath.SPECIES;
import static org.vortexel.device.host.VectorMath.load;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/// Products of row-major matrices: `C = op(A) op(B)`, or `C += op(A) op(B)`, then an [Epilogue].
///
/// Blocked for the caches as in BLIS: for every slice of `k`, the columns of B are packed into panels, and each
/// chunk of rows packs its part of A and walks over the panels with a tile of 6 rows (12 with AVX-512) by two
/// vectors held in registers.
///
/// ```
///            n                     panel (k × 16, stays in L1)
///         +-----+                  |
///       k |  B  |            ######|######
///         +-----+       tile ### 6x16 sums ###   <- registers
///    +---++-----+       (k × 6, from L2)
///  m | A ||  C  |
///    +---++-----+
/// ```
///
/// An element of C adds its products in one order, which depends on `k` only. So the number of threads, the
/// way the work is cut and the place of the element do not change its bits.
///
/// Source: Van Zee and van de Geijn 2015, BLIS, doi:10.1145/2764454.
public final class Gemm {
    /// The most `k` in one slice: a panel then takes 32 KiB, and the sums go to C seldom.
    private static final int DEPTH = 512;
    /// The most rows in one chunk, 96: its packed A then takes less than half of a 512 KiB L2 cache.
    private static final int CHUNK_TILES = WIDE ? 8 : 16;
    /// The most columns whose panels are packed at once.
    private static final int WIDTH = 256 * COLUMNS;
    /// Panels after which an epilogue runs over the rows of a chunk, which are in L2 then.
    private static final int EPILOGUE_PANELS = 8;
    /// Multiply-adds from which a second thread pays.
    private static final long PARALLEL_WORK = 40_000;
    /// Elements that one chunk of parallel packing copies at least.
    private static final int PACK_GRAIN = 16 * 1024;
    /// Rows of a tile for what is left over.
    private static final int SHORT = 4;
    /// The most rows of which B is read at the speed of memory rather than of multiply-adds.
    private static final int FEW = 4;
    /// Chunks per thread of a product of few rows.
    private static final int FEW_CHUNKS = 2;

    private static final WorkerPool ALONE = WorkerPool.of(1);

    private Gemm() {}

    /// `C = op(A) op(B)` of shape (`m`, `n`), with `k` products per element.
    ///
    /// | matrix | shape    | element (i, j)                                                                |
    /// |--------|----------|-------------------------------------------------------------------------------|
    /// | op(A)  | (`m`, `k`) | `a[aOffset + i * aStride + j]`, or `a[aOffset + j * aStride + i]` if `aTransposed` |
    /// | op(B)  | (`k`, `n`) | `b[bOffset + i * bStride + j]`, or `b[bOffset + j * bStride + i]` if `bTransposed` |
    /// | C      | (`m`, `n`) | `c[cOffset + i * cStride + j]`; added to if `accumulate`, else overwritten     |
    ///
    /// The epilogue follows the complete sum. C must not overlap A or B.
    ///
    /// @throws IllegalArgumentException if a matrix does not lie within its array
    public static void multiply(
            WorkerPool pool,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            boolean aTransposed,
            float[] b,
            int bOffset,
            int bStride,
            boolean bTransposed,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate,
            Epilogue epilogue) {
        check("A", a, aOffset, aStride, aTransposed ? k : m, aTransposed ? m : k);
        check("B", b, bOffset, bStride, bTransposed ? n : k, bTransposed ? k : n);
        check("C", c, cOffset, cStride, m, n);
        Left left = new Left(a, aOffset, aStride, aTransposed);
        Target target = new Target(c, cOffset, cStride, epilogue);
        int threads = threads(pool, m, n, k);
        int depth = depth(k);
        for (int j = 0; j < n; j += WIDTH) {
            int columns = Math.min(WIDTH, n - j);
            int p = 0;
            do {
                int kb = Math.min(depth, k - p);
                float[] packed = Scratch.ofThread().right(Packing.panels(columns) * COLUMNS * kb);
                packRight(pool, threads, packed, b, bOffset, bStride, bTransposed, j, columns, p, kb);
                Slice slice = new Slice(packed, 0, p, kb, p > 0 || accumulate, p + kb >= k);
                product(pool, threads, left, slice, target, m, j, columns);
                p += kb;
            } while (p < k);
        }
    }

    /// The same product with a B that was packed before.
    ///
    /// @throws IllegalArgumentException if a matrix does not lie within its array
    public static void multiply(
            WorkerPool pool,
            int m,
            float[] a,
            int aOffset,
            int aStride,
            boolean aTransposed,
            PackedB b,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate,
            Epilogue epilogue) {
        int k = b.k;
        int n = b.n;
        check("A", a, aOffset, aStride, aTransposed ? k : m, aTransposed ? m : k);
        check("C", c, cOffset, cStride, m, n);
        Left left = new Left(a, aOffset, aStride, aTransposed);
        Target target = new Target(c, cOffset, cStride, epilogue);
        int threads = threads(pool, m, n, k);
        if (m <= FEW && !aTransposed) {
            few(threads == 1 ? ALONE : pool, m, left, b, target, accumulate);
            return;
        }
        int padded = Packing.panels(n) * COLUMNS;
        int depth = depth(k);
        int p = 0;
        do {
            int kb = Math.min(depth, k - p);
            Slice slice = new Slice(b.data, padded * p, p, kb, p > 0 || accumulate, p + kb >= k);
            product(pool, threads, left, slice, target, m, 0, n);
            p += kb;
        } while (p < k);
    }

    /// `batch` independent products; those of number `i` begin `i` batch strides after the offsets.
    ///
    /// A batch stride of 0 for A or B means that all products share the matrix. The residual of the epilogue, if
    /// any, moves by `cBatch` too.
    ///
    /// @throws IllegalArgumentException if a matrix does not lie within its array
    public static void batched(
            WorkerPool pool,
            int batch,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aBatch,
            int aStride,
            boolean aTransposed,
            float[] b,
            int bOffset,
            int bBatch,
            int bStride,
            boolean bTransposed,
            float[] c,
            int cOffset,
            int cBatch,
            int cStride,
            boolean accumulate,
            Epilogue epilogue) {
        boolean oneMatrix = bBatch == 0 && !aTransposed && aBatch == m * aStride && cBatch == m * cStride;
        if (oneMatrix && (epilogue.residual() == null || epilogue.residualStride() == cStride)) {
            multiply(
                    pool,
                    batch * m,
                    n,
                    k,
                    a,
                    aOffset,
                    aStride,
                    false,
                    b,
                    bOffset,
                    bStride,
                    bTransposed,
                    c,
                    cOffset,
                    cStride,
                    accumulate,
                    epilogue);
            return;
        }
        WorkerPool.ChunkBody body = i -> multiply(
                pool,
                m,
                n,
                k,
                a,
                aOffset + i * aBatch,
                aStride,
                aTransposed,
                b,
                bOffset + i * bBatch,
                bStride,
                bTransposed,
                c,
                cOffset + i * cBatch,
                cStride,
                accumulate,
                epilogue.shifted(i * cBatch));
        boolean apart = batch >= 2 * pool.threads() && (long) batch * m * n * k >= PARALLEL_WORK;
        if (apart) {
            pool.run(batch, body);
        } else {
            for (int i = 0; i < batch; i++) {
                body.run(i);
            }
        }
    }

    /// The product on the calling thread, for pieces of work that are shared out among threads themselves.
    static void alone(
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int aStride,
            boolean aTransposed,
            float[] b,
            int bOffset,
            int bStride,
            boolean bTransposed,
            float[] c,
            int cOffset,
            int cStride,
            boolean accumulate) {
        multiply(
                ALONE,
                m,
                n,
                k,
                a,
                aOffset,
                aStride,
                aTransposed,
                b,
                bOffset,
                bStride,
                bTransposed,
                c,
                cOffset,
                cStride,
                accumulate,
                Epilogue.NONE);
    }

    /// How many `k` one slice takes, so that the slices of `k` are about equal.
    static int depth(int k) {
        int slices = Math.max(1, (k + DEPTH - 1) / DEPTH);
        return (k + slices - 1) / slices;
    }

    static void check(String name, float[] data, int offset, int stride, int rows, int columns) {
        long end = rows == 0 || columns == 0 ? offset : offset + (rows - 1L) * stride + columns;
        if (rows < 0 || columns < 0 || offset < 0 || (stride < columns && rows > 1) || end > data.length) {
            throw new IllegalArgumentException("Matrix " + name + " of " + rows + " x " + columns + " at " + offset
                    + ", rows " + stride + " apart, does not lie within an array of " + data.length);
        }
    }

    private static int threads(WorkerPool pool, int m, int n, int k) {
        return (long) m * n * k < PARALLEL_WORK ? 1 : pool.threads();
    }

    private record Left(float[] a, int offset, int stride, boolean transposed) {}

    private record Target(float[] c, int offset, int stride, Epilogue epilogue) {}

    /// The packed panels of a slice of `k`: whether C already holds something to add to, and whether this slice
    /// completes C.
    record Slice(float[] panels, int offset, int begin, int depth, boolean accumulate, boolean last) {}

    private static void packRight(
            WorkerPool pool,
            int threads,
            float[] packed,
            float[] b,
            int offset,
            int stride,
            boolean transposed,
            int column,
            int columns,
            int p,
            int kb) {
        int group = Math.max(COLUMNS, PACK_GRAIN / Math.max(1, kb) / COLUMNS * COLUMNS);
        if (threads == 1 || columns <= group) {
            Packing.right(packed, 0, b, offset, stride, transposed, column, columns, p, kb);
        } else {
            pool.ranges(
                    columns,
                    group,
                    (begin, count) -> Packing.right(
                            packed, begin * kb, b, offset, stride, transposed, column + begin, count, p, kb));
        }
    }

    /// Cuts C into chunks of rows, and of columns too where the rows are few, and does them on all threads.
    private static void product(
            WorkerPool pool, int threads, Left left, Slice slice, Target target, int m, int column, int columns) {
        int tiles = Packing.tiles(m);
        int panels = Packing.panels(columns);
        if (threads == 1) {
            for (int tile = 0; tile < tiles; tile += CHUNK_TILES) {
                chunk(left, slice, target, m, tile, Math.min(tiles, tile + CHUNK_TILES), column, columns, 0, panels);
            }
            return;
        }
        int wanted = 4 * threads;
        int rowTiles = Math.clamp(tiles / wanted, Math.min(4, tiles), CHUNK_TILES);
        int least = Math.ceilDiv(tiles, rowTiles);
        // as many for each thread
        int rowChunks = least > threads ? Math.min(tiles, Math.ceilDiv(least, threads) * threads) : least;
        // each packs its rows of A again, so no more than keep the threads busy
        int columnChunks = Math.clamp(Math.ceilDiv(2 * threads, rowChunks), 1, Math.max(1, panels / 4));
        pool.run(rowChunks * columnChunks, number -> {
            int i = number / columnChunks;
            int j = number % columnChunks;
            chunk(
                    left,
                    slice,
                    target,
                    m,
                    (int) ((long) tiles * i / rowChunks),
                    (int) ((long) tiles * (i + 1) / rowChunks),
                    column,
                    columns,
                    (int) ((long) panels * j / columnChunks),
                    (int) ((long) panels * (j + 1) / columnChunks));
        });
    }

    /// A product of so few rows that what counts is how fast B comes from memory: A is not packed, and two panels
    /// are read side by side.
    private static void few(WorkerPool pool, int m, Left left, PackedB b, Target target, boolean accumulate) {
        int panels = Packing.panels(b.n);
        int pairs = (panels + 1) / 2;
        int chunks = Math.clamp(pairs, 1, pool.threads() == 1 ? 1 : FEW_CHUNKS * pool.threads());
        pool.run(chunks, chunk -> {
            float[] sums = Scratch.ofThread().tile(2 * FEW * COLUMNS);
            int first = (int) ((long) pairs * chunk / chunks) * 2;
            int end = Math.min(panels, (int) ((long) pairs * (chunk + 1) / chunks) * 2);
            for (int panel = first; panel < end; panel += 2) {
                fewPanels(m, left, b, target, accumulate, panel, sums);
            }
            if (!target.epilogue.isNone() && first < end) {
                finish(target, 0, m, first * COLUMNS, Math.min(b.n, end * COLUMNS));
            }
        });
    }

    /// Panels `panel` and, where there is one, the next.
    private static void fewPanels(
            int m, Left left, PackedB b, Target target, boolean accumulate, int panel, float[] sums) {
        int k = b.k;
        int padded = Packing.panels(b.n) * COLUMNS;
        int depth = depth(k);
        int width = Math.min(2 * COLUMNS, b.n - panel * COLUMNS);
        int next = width > COLUMNS ? COLUMNS : 0;
        int p = 0;
        do {
            int kb = Math.min(depth, k - p);
            int at = left.offset + p;
            int from = padded * p + panel * COLUMNS * kb;
            if (m <= 2) {
                twoRows(kb, left.a, at, m > 1 ? at + left.stride : at, b.data, from, from + next * kb, sums);
            } else {
                int last = at + (m - 1) * left.stride;
                int third = at + 2 * left.stride;
                fourRows(kb, left.a, at, at + left.stride, third, last, 1, b.data, from, from + next * kb, sums);
            }
            for (int i = 0; i < m; i++) {
                int to = target.offset + i * target.stride + panel * COLUMNS;
                int row = (i == 2 && m == 3 ? 3 : i) * 2 * COLUMNS;
                if (p > 0 || accumulate) {
                    Elementwise.add(target.c, to, sums, row, width);
                } else {
                    System.arraycopy(sums, row, target.c, to, width);
                }
            }
            p += kb;
        } while (p < k);
    }

    private static void chunk(
            Left left,
            Slice slice,
            Target target,
            int m,
            int firstTile,
            int endTile,
            int column,
            int columns,
            int firstPanel,
            int endPanel) {
        int row = firstTile * ROWS;
        int rows = Math.min(m, endTile * ROWS) - row;
        int k = slice.depth;
        Scratch scratch = Scratch.ofThread();
        float[] packed = scratch.left(Packing.leftSize(rows, k));
        Packing.left(packed, 0, left.a, left.offset, left.stride, left.transposed, row, rows, slice.begin, k);
        boolean finish = slice.last && !target.epilogue.isNone();
        for (int panel = firstPanel; panel < endPanel; panel++) {
            int first = panel * COLUMNS;
            int width = Math.min(COLUMNS, columns - first);
            int at = target.offset + row * target.stride + column + first;
            panel(scratch, packed, 0, slice, first * k, target.c, at, target.stride, rows, width);
            if (finish && ((panel + 1 - firstPanel) % EPILOGUE_PANELS == 0 || panel + 1 == endPanel)) {
                int begin = firstPanel + (panel - firstPanel) / EPILOGUE_PANELS * EPILOGUE_PANELS;
                finish(target, row, rows, column + begin * COLUMNS, column + first + width);
            }
        }
    }

    /// The tiles of one panel, from top to bottom; those of A lie in `packed` from `first`.
    static void panel(
            Scratch scratch,
            float[] packed,
            int first,
            Slice slice,
            int panel,
            float[] c,
            int at,
            int stride,
            int rows,
            int width) {
        int k = slice.depth;
        for (int i = 0; i < rows; i += ROWS) {
            int height = Math.min(ROWS, rows - i);
            int corner = at + i * stride;
            if ((height == ROWS || height == SHORT) && width == COLUMNS) {
                if (!slice.accumulate) {
                    clear(c, corner, stride, height);
                }
                tileOf(height, k, packed, first + i * k, ROWS, slice.panels, slice.offset + panel, c, corner, stride);
            } else {
                float[] sums = scratch.tile(ROWS * COLUMNS);
                Arrays.fill(sums, 0, ROWS * COLUMNS, 0f);
                tileOf(height, k, packed, first + i * k, ROWS, slice.panels, slice.offset + panel, sums, 0, COLUMNS);
                merge(sums, c, corner, stride, height, width, slice.accumulate);
            }
        }
    }

    /// Writes zeros for a tile to add to.
    static void clear(float[] c, int at, int stride, int height) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < height; i++) {
            zero.intoArray(c, at + i * stride);
            zero.intoArray(c, at + i * stride + LANES);
        }
    }

    private static void merge(float[] sums, float[] c, int at, int stride, int height, int width, boolean accumulate) {
        for (int i = 0; i < height; i++) {
            if (accumulate) {
                Elementwise.add(c, at + i * stride, sums, i * COLUMNS, width);
            } else {
                System.arraycopy(sums, i * COLUMNS, c, at + i * stride, width);
            }
        }
    }

    private static void finish(Target target, int row, int rows, int column, int endColumn) {
        Epilogue epilogue = target.epilogue;
        int count = endColumn - column;
        float @Nullable [] bias = epilogue.bias();
        float @Nullable [] residual = epilogue.residual();
        for (int i = row; i < row + rows; i++) {
            int at = target.offset + i * target.stride + column;
            if (bias != null) {
                Elementwise.add(target.c, at, bias, epilogue.biasOffset() + column, count);
            }
            if (epilogue.activation() != Activation.NONE) {
                Activations.forward(epilogue.activation(), target.c, at, target.c, at, count);
            }
            if (residual != null) {
                int from = epilogue.residualOffset() + i * epilogue.residualStride() + column;
                Elementwise.add(target.c, at, residual, from, count);
            }
        }
    }

    /// Adds the product of a packed tile and a packed panel to C, whose rows are `stride` apart.
    static void tileOf(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int stride) {
        tileOf(ROWS, k, a, aAt, ROWS, b, bAt, c, cAt, stride);
    }

    /// Adds to C the product of `height` rows of A, at most [Packing#ROWS], and a packed panel. The numbers of
    /// a row are `step` apart, those of neighbouring rows side by side; as many rows as a tile has must be
    /// there to read, and as many to write unless `height` is 4 or less.
    static void tileOf(
            int height, int k, float[] a, int aAt, int step, float[] b, int bAt, float[] c, int cAt, int stride) {
        if (height <= SHORT) {
            shortTile(k, a, aAt, step, b, bAt, c, cAt, stride);
        } else if (WIDE) {
            wideTile(k, a, aAt, step, b, bAt, c, cAt, stride);
        } else {
            tile(k, a, aAt, step, b, bAt, c, cAt, stride);
        }
    }

    /// The same with tiles of 4 rows, for what is left over.
    private static void shortTile(
            int k, float[] a, int aAt, int step, float[] b, int bAt, float[] c, int cAt, int stride) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        for (int p = 0; p < k; p++) {
            int i = aAt + p * step;
            int j = bAt + p * COLUMNS;
            FloatVector b0 = FloatVector.fromArray(SPECIES, b, j);
            FloatVector b1 = FloatVector.fromArray(SPECIES, b, j + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        add(c00, c01, c, cAt);
        add(c10, c11, c, cAt + stride);
        add(c20, c21, c, cAt + 2 * stride);
        add(c30, c31, c, cAt + 3 * stride);
    }

    /// Adds the product of a packed tile (k × 6) and a packed panel (k × two vectors) to C.
    ///
    /// The fence after each row keeps the compiler from loading all six factors ahead, which costs it a register
    /// too many; a branch in here, such as one on whether to add to C, makes it keep the sums in memory.
    private static void tile(int k, float[] a, int aAt, int step, float[] b, int bAt, float[] c, int cAt, int stride) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c40 = c00;
        FloatVector c41 = c00;
        FloatVector c50 = c00;
        FloatVector c51 = c00;
        for (int p = 0; p < k; p++) {
            int i = aAt + p * step;
            int j = bAt + p * COLUMNS;
            FloatVector b0 = load(b, j);
            FloatVector b1 = load(b, j + LANES);
            FloatVector a0 = FloatVector.broadcast(SPECIES, a[i]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            VarHandle.loadLoadFence();
            FloatVector a1 = FloatVector.broadcast(SPECIES, a[i + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            VarHandle.loadLoadFence();
            FloatVector a2 = FloatVector.broadcast(SPECIES, a[i + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            VarHandle.loadLoadFence();
            FloatVector a3 = FloatVector.broadcast(SPECIES, a[i + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            VarHandle.loadLoadFence();
            FloatVector a4 = FloatVector.broadcast(SPECIES, a[i + 4]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            VarHandle.loadLoadFence();
            FloatVector a5 = FloatVector.broadcast(SPECIES, a[i + 5]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            VarHandle.loadLoadFence();
        }
        add(c00, c01, c, cAt);
        add(c10, c11, c, cAt + stride);
        add(c20, c21, c, cAt + 2 * stride);
        add(c30, c31, c, cAt + 3 * stride);
        add(c40, c41, c, cAt + 4 * stride);
        add(c50, c51, c, cAt + 5 * stride);
    }

    /// The same with tiles of 12 rows, for 32 vector registers: each part of B read from the caches then serves
    /// twice as many products.
    private static void wideTile(
            int k, float[] a, int aAt, int step, float[] b, int bAt, float[] c, int cAt, int stride) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        FloatVector e0 = a0;
        FloatVector e1 = a0;
        FloatVector f0 = a0;
        FloatVector f1 = a0;
        FloatVector g0 = a0;
        FloatVector g1 = a0;
        FloatVector h0 = a0;
        FloatVector h1 = a0;
        FloatVector i0 = a0;
        FloatVector i1 = a0;
        FloatVector j0 = a0;
        FloatVector j1 = a0;
        FloatVector k0 = a0;
        FloatVector k1 = a0;
        FloatVector l0 = a0;
        FloatVector l1 = a0;
        for (int p = 0; p < k; p++) {
            int i = aAt + p * step;
            int j = bAt + p * COLUMNS;
            FloatVector left = FloatVector.fromArray(SPECIES, b, j);
            FloatVector right = FloatVector.fromArray(SPECIES, b, j + LANES);
            FloatVector factor0 = FloatVector.broadcast(SPECIES, a[i]);
            a0 = factor0.fma(left, a0);
            a1 = factor0.fma(right, a1);
            FloatVector factor1 = FloatVector.broadcast(SPECIES, a[i + 1]);
            b0 = factor1.fma(left, b0);
            b1 = factor1.fma(right, b1);
            FloatVector factor2 = FloatVector.broadcast(SPECIES, a[i + 2]);
            c0 = factor2.fma(left, c0);
            c1 = factor2.fma(right, c1);
            FloatVector factor3 = FloatVector.broadcast(SPECIES, a[i + 3]);
            d0 = factor3.fma(left, d0);
            d1 = factor3.fma(right, d1);
            FloatVector factor4 = FloatVector.broadcast(SPECIES, a[i + 4]);
            e0 = factor4.fma(left, e0);
            e1 = factor4.fma(right, e1);
            FloatVector factor5 = FloatVector.broadcast(SPECIES, a[i + 5]);
            f0 = factor5.fma(left, f0);
            f1 = factor5.fma(right, f1);
            FloatVector factor6 = FloatVector.broadcast(SPECIES, a[i + 6]);
            g0 = factor6.fma(left, g0);
            g1 = factor6.fma(right, g1);
            FloatVector factor7 = FloatVector.broadcast(SPECIES, a[i + 7]);
            h0 = factor7.fma(left, h0);
            h1 = factor7.fma(right, h1);
            FloatVector factor8 = FloatVector.broadcast(SPECIES, a[i + 8]);
            i0 = factor8.fma(left, i0);
            i1 = factor8.fma(right, i1);
            FloatVector factor9 = FloatVector.broadcast(SPECIES, a[i + 9]);
            j0 = factor9.fma(left, j0);
            j1 = factor9.fma(right, j1);
            FloatVector factor10 = FloatVector.broadcast(SPECIES, a[i + 10]);
            k0 = factor10.fma(left, k0);
            k1 = factor10.fma(right, k1);
            FloatVector factor11 = FloatVector.broadcast(SPECIES, a[i + 11]);
            l0 = factor11.fma(left, l0);
            l1 = factor11.fma(right, l1);
        }
        a0.add(FloatVector.fromArray(SPECIES, c, cAt)).intoArray(c, cAt);
        a1.add(FloatVector.fromArray(SPECIES, c, cAt + LANES)).intoArray(c, cAt + LANES);
        b0.add(FloatVector.fromArray(SPECIES, c, cAt + stride)).intoArray(c, cAt + stride);
        b1.add(FloatVector.fromArray(SPECIES, c, cAt + stride + LANES)).intoArray(c, cAt + stride + LANES);
        c0.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * stride)).intoArray(c, cAt + 2 * stride);
        c1.add(FloatVector.fromArray(SPECIES, c, cAt + 2 * stride + LANES)).intoArray(c, cAt + 2 * stride + LANES);
        d0.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * stride)).intoArray(c, cAt + 3 * stride);
        d1.add(FloatVector.fromArray(SPECIES, c, cAt + 3 * stride + LANES)).intoArray(c, cAt + 3 * stride + LANES);
        e0.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * stride)).intoArray(c, cAt + 4 * stride);
        e1.add(FloatVector.fromArray(SPECIES, c, cAt + 4 * stride + LANES)).intoArray(c, cAt + 4 * stride + LANES);
        f0.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * stride)).intoArray(c, cAt + 5 * stride);
        f1.add(FloatVector.fromArray(SPECIES, c, cAt + 5 * stride + LANES)).intoArray(c, cAt + 5 * stride + LANES);
        g0.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * stride)).intoArray(c, cAt + 6 * stride);
        g1.add(FloatVector.fromArray(SPECIES, c, cAt + 6 * stride + LANES)).intoArray(c, cAt + 6 * stride + LANES);
        h0.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * stride)).intoArray(c, cAt + 7 * stride);
        h1.add(FloatVector.fromArray(SPECIES, c, cAt + 7 * stride + LANES)).intoArray(c, cAt + 7 * stride + LANES);
        i0.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * stride)).intoArray(c, cAt + 8 * stride);
        i1.add(FloatVector.fromArray(SPECIES, c, cAt + 8 * stride + LANES)).intoArray(c, cAt + 8 * stride + LANES);
        j0.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * stride)).intoArray(c, cAt + 9 * stride);
        j1.add(FloatVector.fromArray(SPECIES, c, cAt + 9 * stride + LANES)).intoArray(c, cAt + 9 * stride + LANES);
        k0.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * stride)).intoArray(c, cAt + 10 * stride);
        k1.add(FloatVector.fromArray(SPECIES, c, cAt + 10 * stride + LANES)).intoArray(c, cAt + 10 * stride + LANES);
        l0.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * stride)).intoArray(c, cAt + 11 * stride);
        l1.add(FloatVector.fromArray(SPECIES, c, cAt + 11 * stride + LANES)).intoArray(c, cAt + 11 * stride + LANES);
    }

    /// Two rows of A, which lie at `a0` and `a1`, times two packed panels; `sums` (2, two panels) is overwritten.
    private static void twoRows(int k, float[] a, int a0, int a1, float[] b, int b0, int b1, float[] sums) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c12 = c00;
        FloatVector c13 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + p * COLUMNS);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + p * COLUMNS + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, b1 + p * COLUMNS);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, b1 + p * COLUMNS + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + p]);
            c00 = f0.fma(v0, c00);
            c01 = f0.fma(v1, c01);
            c02 = f0.fma(v2, c02);
            c03 = f0.fma(v3, c03);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + p]);
            c10 = f1.fma(v0, c10);
            c11 = f1.fma(v1, c11);
            c12 = f1.fma(v2, c12);
            c13 = f1.fma(v3, c13);
        }
        c00.intoArray(sums, 0);
        c01.intoArray(sums, LANES);
        c02.intoArray(sums, 2 * LANES);
        c03.intoArray(sums, 3 * LANES);
        c10.intoArray(sums, 4 * LANES);
        c11.intoArray(sums, 5 * LANES);
        c12.intoArray(sums, 6 * LANES);
        c13.intoArray(sums, 7 * LANES);
    }

    /// The same for four rows, whose numbers are `step` apart; `sums` is (4, two panels).
    private static void fourRows(
            int k, float[] a, int a0, int a1, int a2, int a3, int step, float[] b, int b0, int b1, float[] sums) {
        FloatVector c00 = FloatVector.zero(SPECIES);
        FloatVector c01 = c00;
        FloatVector c02 = c00;
        FloatVector c03 = c00;
        FloatVector c10 = c00;
        FloatVector c11 = c00;
        FloatVector c12 = c00;
        FloatVector c13 = c00;
        FloatVector c20 = c00;
        FloatVector c21 = c00;
        FloatVector c22 = c00;
        FloatVector c23 = c00;
        FloatVector c30 = c00;
        FloatVector c31 = c00;
        FloatVector c32 = c00;
        FloatVector c33 = c00;
        for (int p = 0; p < k; p++) {
            FloatVector v0 = FloatVector.fromArray(SPECIES, b, b0 + p * COLUMNS);
            FloatVector v1 = FloatVector.fromArray(SPECIES, b, b0 + p * COLUMNS + LANES);
            FloatVector v2 = FloatVector.fromArray(SPECIES, b, b1 + p * COLUMNS);
            FloatVector v3 = FloatVector.fromArray(SPECIES, b, b1 + p * COLUMNS + LANES);
            FloatVector f0 = FloatVector.broadcast(SPECIES, a[a0 + p * step]);
            c00 = f0.fma(v0, c00);
            c01 = f0.fma(v1, c01);
            c02 = f0.fma(v2, c02);
            c03 = f0.fma(v3, c03);
            FloatVector f1 = FloatVector.broadcast(SPECIES, a[a1 + p * step]);
            c10 = f1.fma(v0, c10);
            c11 = f1.fma(v1, c11);
            c12 = f1.fma(v2, c12);
            c13 = f1.fma(v3, c13);
            FloatVector f2 = FloatVector.broadcast(SPECIES, a[a2 + p * step]);
            c20 = f2.fma(v0, c20);
            c21 = f2.fma(v1, c21);
            c22 = f2.fma(v2, c22);
            c23 = f2.fma(v3, c23);
            FloatVector f3 = FloatVector.broadcast(SPECIES, a[a3 + p * step]);
            c30 = f3.fma(v0, c30);
            c31 = f3.fma(v1, c31);
            c32 = f3.fma(v2, c32);
            c33 = f3.fma(v3, c33);
        }
        c00.intoArray(sums, 0);
        c01.intoArray(sums, LANES);
        c02.intoArray(sums, 2 * LANES);
        c03.intoArray(sums, 3 * LANES);
        c10.intoArray(sums, 4 * LANES);
        c11.intoArray(sums, 5 * LANES);
        c12.intoArray(sums, 6 * LANES);
        c13.intoArray(sums, 7 * LANES);
        c20.intoArray(sums, 8 * LANES);
        c21.intoArray(sums, 9 * LANES);
        c22.intoArray(sums, 10 * LANES);
        c23.intoArray(sums, 11 * LANES);
        c30.intoArray(sums, 12 * LANES);
        c31.intoArray(sums, 13 * LANES);
        c32.intoArray(sums, 14 * LANES);
        c33.intoArray(sums, 15 * LANES);
    }

    private static void add(FloatVector left, FloatVector right, float[] c, int at) {
        left.add(load(c, at)).intoArray(c, at);
        right.add(load(c, at + LANES)).intoArray(c, at + LANES);
    }
}
