package org.vortexel.device.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.vortexel.device.ArrayPlayer;
import org.vortexel.op.DType;
import org.vortexel.op.Kernel;
import org.vortexel.op.Op;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// A program bound to arrays on the host.
final class HostPlayer extends ArrayPlayer {
    /// Below so many numbers a chunk is not worth handing to another thread.
    private static final int GRAIN = 16 * 1024;
    /// More chunks than these would make sums of columns read few neighbouring columns at a time.
    private static final int CHUNKS_PER_THREAD = 4;

    private final List<Twins.Step> steps = new ArrayList<>();
    /// The index of the last node that each step does.
    private final List<Integer> done = new ArrayList<>();

    HostPlayer(Program program, Weights weights, WorkerPool pool, Twins twins) {
        super(program, weights, true);
        int[] indices = IntStream.range(0, program.nodes().size())
                .filter(i -> !program.nodes().get(i).op().isView())
                .toArray();
        List<Node> nodes = IntStream.of(indices).mapToObj(program.nodes()::get).toList();
        for (int i = 0; i < nodes.size(); ) {
            Twins.Bound twin = twins.bind(nodes, i, buffers, pool);
            if (twin != null) {
                steps.add(twin.step());
                i += twin.nodes();
            } else {
                Node node = nodes.get(i++);
                node.op().lower(new Plain(node, pool, twins));
            }
            done.addAll(Collections.nCopies(steps.size() - done.size(), indices[i - 1]));
        }
    }

    /// Binds an op's own kernels, or their twins, to the arrays.
    private final class Plain implements Op.Lowering {
        private final Node node;
        private final WorkerPool pool;
        private final Twins twins;

        Plain(Node node, WorkerPool pool, Twins twins) {
            this.node = node;
            this.pool = pool;
            this.twins = twins;
        }

        @Override
        public Tensor in(int i) {
            return node.inputs().get(i);
        }

        @Override
        public Tensor out(int i) {
            return node.outputs().get(i);
        }

        @Override
        public int inputs() {
            return node.inputs().size();
        }

        @Override
        public void launch(Kernel kernel, int rows, Object... arguments) {
            Object[] bound = Arrays.stream(arguments)
                    .map(a -> a instanceof Tensor tensor ? buffers.array(tensor) : a)
                    .toArray();
            MethodHandle handle = MethodHandles.insertArguments(twins.kernel(kernel), 0, bound);
            // A row's work is about its share of the largest tensor, be that written or, in a sum, read.
            int largest = Arrays.stream(arguments)
                    .mapToInt(a -> a instanceof Tensor tensor ? tensor.size() : 0)
                    .max()
                    .orElse(0);
            int perRow = Math.max(1, largest / Math.max(1, rows));
            int grain = Math.max(GRAIN / perRow, Math.ceilDiv(rows, CHUNKS_PER_THREAD * pool.threads()));
            steps.add(() -> pool.ranges(rows, grain, (begin, count) -> invoke(handle, begin, count)));
        }
    }

    private static void invoke(MethodHandle handle, int begin, int count) {
        try {
            handle.invokeExact(begin, count);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("a kernel threw a checked exception", e);
        }
    }

    @Override
    public void run() {
        for (Twins.Step step : steps) {
            step.run();
        }
    }

    @Override
    public Optional<String> findNonFinite() {
        for (Map.Entry<String, Tensor> input : program.inputs().entrySet()) {
            if (!isFinite(input.getValue())) {
                return Optional.of("the input " + input.getKey());
            }
        }
        for (int i = 0; i < steps.size(); i++) {
            steps.get(i).run();
            int node = done.get(i);
            boolean last = i + 1 == steps.size() || done.get(i + 1) != node; // an op may take several kernels
            if (last && !program.nodes().get(node).outputs().stream().allMatch(this::isFinite)) {
                return Optional.of(program.place(node));
            }
        }
        return Optional.empty();
    }

    private boolean isFinite(Tensor tensor) {
        return tensor.dtype() != DType.F32
                || NdArray.of(tensor.shape(), Arrays.copyOf(buffers.floats(tensor), tensor.size()))
                                .firstNonFinite()
                        < 0;
    }

    @Override
    protected void fetch(float[] array) {
        // The arrays are the device's own.
    }

    @Override
    public void pull() {
        // Weights are the device's own arrays here.
    }

    @Override
    public void close() {
        steps.clear();
        done.clear();
    }
}
