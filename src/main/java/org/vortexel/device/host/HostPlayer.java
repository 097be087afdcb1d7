package org.vortexel.device.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.ArrayPlayer;
import org.vortexel.device.Profile;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;

/// A program bound to arrays on the host.
final class HostPlayer extends ArrayPlayer {
    /// Below so many numbers a chunk is not worth handing to another thread.
    private static final int GRAIN = 16 * 1024;
    /// More chunks than these would make sums of columns read few neighbouring columns at a time.
    private static final int CHUNKS_PER_THREAD = 4;

    private final List<Part> parts = new ArrayList<>();
    private final Runnable all;

    /// Steps that do one node, or several as one.
    ///
    /// @param nodes indices of the nodes in the program
    /// @param steps what is run, in order
    private record Part(List<Integer> nodes, List<Twins.Step> steps) {
        void run() {
            steps.forEach(Twins.Step::run);
        }
    }

    HostPlayer(Program program, Weights weights, WorkerPool pool, Twins twins, @Nullable Profile profile) {
        super(program, weights, true);
        List<Integer> indices = IntStream.range(0, program.nodes().size())
                .filter(i -> !program.nodes().get(i).op().isView())
                .boxed()
                .toList();
        List<Node> nodes = indices.stream().map(program.nodes()::get).toList();
        for (int i = 0; i < nodes.size(); ) {
            Twins.Bound twin = twins.bind(nodes, i, buffers, pool);
            int end = i + (twin == null ? 1 : twin.nodes());
            List<Twins.Step> steps = twin == null ? plain(nodes.get(i), pool, twins) : List.of(twin.step());
            parts.add(new Part(indices.subList(i, end), steps));
            i = end;
        }
        all = profile == null ? () -> parts.forEach(Part::run) : noting(profile);
    }

    /// Runs everything and notes what each part takes.
    private Runnable noting(Profile profile) {
        List<Profile.Work> works = parts.stream()
                .map(part -> Profile.Work.of(
                        part.nodes().stream().map(program.nodes()::get).toList()))
                .toList();
        int row = profile.row("the host", parts.size());
        return () -> {
            for (int i = 0; i < parts.size(); i++) {
                long start = System.nanoTime();
                parts.get(i).run();
                profile.add(row, works.get(i), start, System.nanoTime() - start);
            }
        };
    }

    /// An op's own kernels, or their twins, on its arrays.
    private List<Twins.Step> plain(Node node, WorkerPool pool, Twins twins) {
        List<Twins.Step> steps = new ArrayList<>();
        node.lower((kernel, rows, arguments) -> {
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
        });
        return steps;
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
        all.run();
    }

    @Override
    public Optional<String> findNonFinite() {
        for (Map.Entry<String, Tensor> input : program.inputs().entrySet()) {
            if (!isFinite(input.getValue())) {
                return Optional.of("the input " + input.getKey());
            }
        }
        for (Part part : parts) {
            part.run();
            int last = part.nodes().getLast();
            if (!program.nodes().get(last).outputs().stream().allMatch(this::isFinite)) {
                return Optional.of(program.place(last));
            }
        }
        return Optional.empty();
    }

    private boolean isFinite(Tensor tensor) {
        if (tensor.dtype() == DType.F32) {
            float[] numbers = buffers.floats(tensor); // may be longer than the tensor
            for (int i = 0; i < tensor.size(); i++) {
                if (!Float.isFinite(numbers[i])) {
                    return false;
                }
            }
        }
        return true;
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
        parts.clear();
    }
}
