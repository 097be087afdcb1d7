package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.List;
import org.vortexel.op.Kernel;
import uk.ac.manchester.tornado.api.KernelContext;

/// Puts tuned kernels in the place of plain ones.
enum Twins {
    /// None: the ops' own kernels.
    PLAIN,
    /// [Blocked] products of matrices, convolutions and attention, for any device.
    BLOCKED,
    /// Those, [Tiled] ones where there is enough to do, and long sums in two steps: for GPUs, where the one
    /// work item that a row of a plain sum gets is slow. On a CPU sums gain nothing by it.
    TILED;

    private static final Kernel BLOCKS = Kernel.of(Blocked.LOOKUP, "matMulBlocks");
    private static final Kernel LINES = Kernel.of(Blocked.LOOKUP, "matMulLines");
    private static final Kernel CONV = Kernel.of(Blocked.LOOKUP, "convBlocks");
    private static final Kernel PARTS = Kernel.of(Blocked.LOOKUP, "partialSums");
    private static final Kernel TOTALS = Kernel.of(Blocked.LOOKUP, "sumOfParts");
    private static final Kernel ATTENTION = Kernel.of(BlockedAttention.LOOKUP, "attentionBlocks");

    /// Below so many rows a block of 4 of them would do too much in vain.
    private static final int FEW = 4;
    /// Below so many rows or columns a tile of 64 of them would.
    private static final int SMALL = 32;
    /// A sum of more terms is made in two steps,
    private static final int LONG = 4096;
    /// if fewer results than these are worked out at once,
    private static final int BUSY = 4096;
    /// each part of so many terms.
    private static final int PART = 256;

    /// What does the work of `plain`.
    List<Launch> of(Launch plain) {
        if (this == PLAIN) {
            return List.of(plain);
        }
        Object[] a = plain.arguments();
        return switch (plain.kernel().toString()) {
            case "Linear.linear" ->
                product(plain, a[2], 0, 1, rows(a), whole(a[4]), whole(a[3]), whole(a[3]), 1, 1, whole(a[3]), 0);
            case "Linear.linearBias" ->
                product(plain, a[3], 1, 1, rows(a), whole(a[5]), whole(a[4]), whole(a[4]), 1, 1, whole(a[4]), 0);
            case "MatMul.matMul" -> {
                int batch = rows(a) / Math.max(1, whole(a[3]));
                yield product(
                        plain,
                        a[2],
                        0,
                        batch,
                        whole(a[3]),
                        whole(a[4]),
                        whole(a[5]),
                        whole(a[6]),
                        whole(a[7]),
                        whole(a[8]),
                        whole(a[9]),
                        whole(a[10]));
            }
            case "Conv2d.conv2d" -> convolution(plain);
            case "Attention.attention" -> attention(plain);
            case "Sum.sum" -> this == TILED ? sum(plain) : List.of(plain);
            default -> List.of(plain);
        };
    }

    /// The number of rows, a kernel's last argument.
    private static int rows(Object[] arguments) {
        return whole(arguments[arguments.length - 1]);
    }

    private static int whole(Object argument) {
        return (Integer) argument;
    }

    private List<Launch> product(
            Launch plain,
            Object bias,
            int biased,
            int batch,
            int rows,
            int columns,
            int inner,
            int aRow,
            int aColumn,
            int bRow,
            int bColumn,
            int bBatch) {
        List<Object> arguments = new ArrayList<>(List.of(
                plain.arguments()[0],
                plain.arguments()[1],
                plain.arguments()[2],
                bias,
                biased,
                rows,
                columns,
                inner,
                aRow,
                aColumn,
                bRow,
                bColumn,
                bBatch,
                0));
        if (this == TILED && rows >= SMALL && columns >= SMALL) {
            arguments.addFirst(new KernelContext());
            arguments.add(batch * rows);
            Launch.Grid grid = new Launch.Grid(
                    Math.ceilDiv(columns, Tiled.TILE), Math.ceilDiv(rows, Tiled.TILE), batch, Tiled.ITEMS);
            return List.of(new Launch(plain.work(), Tiled.KERNEL, arguments.toArray(), grid));
        }
        Kernel kernel = rows < FEW ? LINES : BLOCKS;
        arguments.add(rows < FEW ? batch * rows : batch * Math.ceilDiv(rows, Blocked.SIDE));
        return List.of(new Launch(plain.work(), kernel, arguments.toArray()));
    }

    private static List<Launch> convolution(Launch plain) {
        Object[] a = plain.arguments().clone();
        int outChannels = whole(a[8]);
        int groups = whole(a[16]);
        int images = rows(a) / Math.max(1, outChannels * whole(a[9]) * whole(a[10]));
        int perGroup = outChannels / groups;
        a[8] = perGroup;
        a[a.length - 1] = images * groups * Math.ceilDiv(perGroup, Blocked.SIDE) * whole(a[9]);
        return List.of(new Launch(plain.work(), CONV, a));
    }

    private static List<Launch> attention(Launch plain) {
        Object[] a = plain.arguments().clone();
        int queries = whole(a[12]);
        a[a.length - 1] = rows(a) / Math.max(1, queries) * Math.ceilDiv(queries, Blocked.SIDE);
        return List.of(new Launch(plain.work(), ATTENTION, a));
    }

    private static List<Launch> sum(Launch plain) {
        Object[] a = plain.arguments();
        int terms = whole(a[2]);
        int rows = rows(a);
        if (terms < LONG || rows >= BUSY) {
            return List.of(plain);
        }
        int perRow = Math.ceilDiv(terms, PART);
        float[] parts = new float[rows * perRow];
        return List.of(
                new Launch(plain.work(), PARTS, parts, a[1], terms, a[3], PART, perRow, 0, rows * perRow),
                new Launch(Launch.REST, TOTALS, a[0], parts, perRow, a[4], 0, rows));
    }
}
