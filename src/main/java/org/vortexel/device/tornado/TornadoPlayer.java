package org.vortexel.device.tornado;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.ArrayPlayer;
import org.vortexel.device.DeviceException;
import org.vortexel.device.Profile;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid3D;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;

/// A program as task graphs. Inputs go to the device in every run, parameters and constants in the first; outputs and
/// changed parameters come back when asked for; everything else stays there. What the program changes, parameters and
/// inputs, stays there too, until another player or the host has newer numbers ([Latest]).
final class TornadoPlayer extends ArrayPlayer {
    private final List<Part> parts;
    private final @Nullable TornadoExecutionPlan plan;
    /// A graph that uses the array.
    private final IdentityHashMap<Object, Integer> users = new IdentityHashMap<>();
    /// What runs change and the next run goes on with.
    private final Set<float[]> changed = Collections.newSetFromMap(new IdentityHashMap<>());
    /// Those whose copies on the device are older than the host's.
    private final Set<float[]> stale = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Latest latest;
    private final GridScheduler grids = new GridScheduler();
    private boolean gridded;
    private final @Nullable Profile profile;
    private final int row;
    private final @Nullable Refresh refresh;
    private @Nullable TornadoExecutionResult last;

    TornadoPlayer(Program program, Weights weights, TornadoDevice device, Twins twins, Latest latest) {
        this(program, weights, device, twins, latest, Part.Limits.OWN, null);
    }

    /// @param profile gets what every kernel takes; then every kernel is a graph of its own
    TornadoPlayer(
            Program program,
            Weights weights,
            TornadoDevice device,
            Twins twins,
            Latest latest,
            @Nullable Profile profile) {
        this(program, weights, device, twins, latest, profile == null ? Part.Limits.OWN : Part.Limits.SINGLE, profile);
    }

    TornadoPlayer(
            Program program,
            Weights weights,
            TornadoDevice device,
            Twins twins,
            Latest latest,
            Part.Limits limits,
            @Nullable Profile profile) {
        super(program, weights, false); // a task that reads what it writes by another name hangs TornadoVM
        List<Launch> launches = program.nodes().stream()
                .filter(node -> !node.op().isView())
                .flatMap(node -> launches(node, twins).stream())
                .toList();
        this.latest = latest;
        changed.addAll(arrays(program.parameters(), program.mutatedParameters()));
        changed.addAll(arrays(program.inputs(), program.mutatedInputs()));
        Set<Object> inputs = arrays(program.inputs().values());
        inputs.removeAll(changed);
        Set<Object> steady =
                arrays(Stream.concat(program.parameters().values().stream(), program.constants().keySet().stream())
                        .toList());
        steady.addAll(changed);
        Set<Object> kept = arrays(program.outputs().values());
        kept.addAll(changed);
        parts = Part.cut(launches, kept, limits);
        List<ImmutableTaskGraph> graphs = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            try {
                graphs.add(graph(i, inputs, steady));
            } catch (RuntimeException | LinkageError e) {
                throw new DeviceException(failure(parts.get(i), e), e);
            }
        }
        // What is learnt is changed by one program at a time, and too large to keep room for.
        boolean state = !program.learns();
        refresh = !changed.isEmpty() && changed.size() <= Refresh.MOST && state
                ? new Refresh(List.copyOf(changed))
                : null;
        if (refresh != null && !graphs.isEmpty()) {
            graphs.add(refresh.graph("refresh", name(parts.size() - 1)));
        }
        plan = graphs.isEmpty()
                ? null
                : new TornadoExecutionPlan(graphs.toArray(ImmutableTaskGraph[]::new)).withDevice(device);
        if (plan != null && gridded) {
            plan.withGridScheduler(grids);
        }
        this.profile = profile;
        row = profile == null ? 0 : profile.row("TornadoVM", parts.size());
        if (plan != null && profile != null) {
            plan.withProfiler(ProfilerMode.SILENT);
        }
    }

    private List<float[]> arrays(Map<String, Tensor> tensors, Set<String> names) {
        return tensors.entrySet().stream()
                .filter(entry -> names.contains(entry.getKey()))
                .map(entry -> buffers.floats(entry.getValue()))
                .toList();
    }

    private Set<Object> arrays(Collection<Tensor> tensors) {
        Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        tensors.forEach(tensor -> arrays.add(buffers.array(tensor)));
        return arrays;
    }

    private ImmutableTaskGraph graph(int index, Set<Object> inputs, Set<Object> steady) {
        Part part = parts.get(index);
        TaskGraph graph = new TaskGraph(name(index));
        if (!part.carried().isEmpty()) {
            graph.consumeFromDevice(name(index - 1), part.carried().toArray());
        }
        transfer(graph, DataTransferMode.EVERY_EXECUTION, part, inputs);
        transfer(graph, DataTransferMode.FIRST_EXECUTION, part, steady);
        for (int i = 0; i < part.launches().size(); i++) {
            Launch launch = part.launches().get(i);
            String task = "t" + i + "_" + launch.kernel().name();
            Tasks.add(graph, task, launch);
            Launch.Grid grid = launch.grid();
            if (grid != null) {
                WorkerGrid items = new WorkerGrid3D(grid.x() * grid.side(), grid.y() * grid.side(), grid.z());
                items.setLocalWork(grid.side(), grid.side(), 1);
                grids.addWorkerGrid(name(index) + "." + task, items);
                gridded = true;
            }
            launch.arrays().forEach(array -> users.put(array, index));
        }
        // Not the carried ones, which stay in any case: a graph frees what it persists, and TornadoVM refuses to free
        // twice.
        graph.persistOnDevice(part.fresh().toArray());
        return graph.snapshot();
    }

    private static void transfer(TaskGraph graph, int mode, Part part, Set<Object> arrays) {
        Object[] now = part.fresh().stream().filter(arrays::contains).toArray();
        if (now.length > 0) {
            graph.transferToDevice(mode, now);
        }
    }

    private static String name(int index) {
        return "g" + index;
    }

    /// A node's kernels with the arrays of its tensors.
    private List<Launch> launches(Node node, Twins twins) {
        List<Launch> launches = new ArrayList<>();
        node.lower((kernel, rows, arguments) -> {
            Stream<Object> bound =
                    Arrays.stream(arguments).map(a -> a instanceof Tensor tensor ? buffers.array(tensor) : a);
            launches.addAll(twins.of(new Launch(
                    launches.isEmpty() ? Profile.Work.of(List.of(node)) : Launch.REST,
                    kernel,
                    Stream.concat(bound, Stream.of(0, rows)).toArray())));
        });
        return launches;
    }

    @Override
    public void run() {
        TornadoExecutionPlan running = plan;
        if (running == null) {
            return;
        }
        catchUp(running);
        for (int i = 0; i < parts.size(); i++) {
            try {
                long start = System.nanoTime();
                TornadoExecutionResult result = running.withGraph(i).execute();
                last = result;
                if (profile != null) {
                    Launch launch = parts.get(i).launches().getFirst();
                    profile.add(
                            row,
                            launch.work(),
                            start,
                            result.getProfilerResult().getDeviceKernelTime());
                }
            } catch (RuntimeException | LinkageError e) {
                throw new DeviceException(failure(parts.get(i), e), e);
            }
        }
        latest.are(changed, this);
    }

    /// Brings what changed elsewhere to the device. The first run does so by itself.
    private void catchUp(TornadoExecutionPlan running) {
        for (float[] array : changed) {
            if (latest.bring(array, this) || !equals(latest.of(array))) {
                stale.add(array);
            }
        }
        if (last != null && !stale.isEmpty()) {
            if (refresh != null) {
                refresh.stage(stale);
                running.withGraph(parts.size()).execute();
            } else {
                changed.stream().filter(array -> !stale.contains(array)).forEach(this::fetch);
                free(running); // so that the next run transfers everything as the first one did
            }
        }
        stale.clear();
    }

    @Override
    protected void given(float[] array) {
        if (changed.contains(array)) {
            latest.isOnHost(array);
        }
    }

    private void free(TornadoExecutionPlan running) {
        last = null;
        for (int i = 0; i < parts.size(); i++) {
            running.withGraph(i).freeDeviceMemory();
        }
    }

    private String failure(Part part, Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof TornadoOutOfMemoryException) {
                return TornadoVm.outOfMemory(bytes());
            }
        }
        String reason =
                String.valueOf(e.getMessage()).replaceAll("\\e\\[[0-9;]*m", "").strip();
        return "TornadoVM failed: " + reason.lines().collect(Collectors.joining(" ")) + " (in a graph with the kernels "
                + part.launches().stream()
                        .map(launch -> launch.kernel().toString())
                        .distinct()
                        .collect(Collectors.joining(", "))
                + ")";
    }

    /// What the arrays of all launches take.
    private long bytes() {
        Set<Object> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        parts.forEach(part -> part.launches().forEach(launch -> arrays.addAll(launch.arrays())));
        return arrays.stream()
                .mapToLong(array -> (long) Float.BYTES * Array.getLength(array))
                .sum();
    }

    @Override
    protected void fetch(float[] array) {
        TornadoExecutionPlan running = plan;
        TornadoExecutionResult result = last;
        Integer user = users.get(array);
        if (running != null && result != null && user != null) {
            running.withGraph(user);
            result.transferToHost(array);
        }
    }

    @Override
    public void pull() {
        for (String name : program.mutatedParameters()) {
            Tensor tensor = program.parameters().get(name);
            if (tensor != null) {
                fetch(buffers.floats(tensor));
            }
        }
    }

    @Override
    public void close() {
        TornadoExecutionPlan running = plan;
        if (running == null) {
            return;
        }
        if (last != null) {
            changed.stream().filter(array -> equals(latest.of(array))).forEach(array -> {
                fetch(array);
                latest.isOnHost(array);
            });
        }
        free(running);
        try {
            running.close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("TornadoVM could not give its memory back", e);
        }
    }
}
