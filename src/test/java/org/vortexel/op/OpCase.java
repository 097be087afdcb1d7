package org.vortexel.op;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.program.Gradients;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// A small program of one op and of its gradients with respect to all inputs that have one, with numbers to play it
/// on.
///
/// @param name the op and the sizes
/// @param program outputs `y0`, …, gradients `g.x`, …; what it changes are its parameters
/// @param given numbers ([NdArray]) or ids (`int[]`) of every input
/// @param state the parameters as they are before the first run
public record OpCase(String name, Program program, Map<String, Object> given, Map<String, NdArray> state) {
    /// What a case is recorded with.
    static final class Draft {
        final Recorder recorder = new Recorder();
        private final Map<String, Object> given = new LinkedHashMap<>();
        private final Map<String, NdArray> state = new LinkedHashMap<>();
        private final Map<String, Tensor> differentiated = new LinkedHashMap<>();

        private NdArray numbers(String name, int[] sizes) {
            return Philox.of(7 + name.hashCode()).normal(Shape.of(sizes));
        }

        /// Normal numbers whose gradient is wanted.
        Tensor in(String name, int... sizes) {
            return differentiable(name, numbers(name, sizes));
        }

        /// Numbers from 0.5 up, whose gradient is wanted.
        Tensor positive(String name, int... sizes) {
            NdArray numbers = numbers(name, sizes);
            for (int i = 0; i < numbers.data().length; i++) {
                numbers.data()[i] = 0.5f + Math.abs(numbers.data()[i]);
            }
            return differentiable(name, numbers);
        }

        private Tensor differentiable(String name, NdArray numbers) {
            Tensor tensor = fixed(name, numbers);
            differentiated.put(name, tensor);
            return tensor;
        }

        /// Numbers that nothing is differentiated by.
        Tensor fixed(String name, NdArray numbers) {
            given.put(name, numbers);
            return recorder.input(name, numbers.shape());
        }

        /// Normal numbers that nothing is differentiated by.
        Tensor fixed(String name, int... sizes) {
            return fixed(name, numbers(name, sizes));
        }

        /// Ids `(7 i + 3) mod bound`.
        Tensor ids(String name, int bound, int... sizes) {
            int[] ids = new int[Shape.of(sizes).size()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = (7 * i + 3) % bound;
            }
            given.put(name, ids);
            return recorder.ids(name, Shape.of(sizes));
        }

        /// A parameter of normal numbers, moved up so that none is negative for `offset` of 6.
        Tensor state(String name, float offset, int... sizes) {
            NdArray numbers = numbers(name, sizes);
            for (int i = 0; i < numbers.data().length; i++) {
                numbers.data()[i] += offset;
            }
            state.put(name, numbers);
            return recorder.parameter(name, numbers.shape());
        }
    }

    /// Records a case; gradients are of `sum of u * y` for random `u`.
    static OpCase of(String name, Function<Draft, List<Tensor>> body) {
        Draft draft = new Draft();
        Recorder r = draft.recorder;
        List<Tensor> outputs = body.apply(draft);
        List<Tensor> upstream = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            r.output("y" + i, outputs.get(i));
            upstream.add(r.constant(Philox.of(99 + i).normal(outputs.get(i).shape())));
        }
        if (!draft.differentiated.isEmpty()) {
            List<Tensor> wrt = List.copyOf(draft.differentiated.values());
            List<Tensor> gradients = Gradients.of(r, outputs, upstream, wrt);
            int i = 0;
            for (String input : draft.differentiated.keySet()) {
                r.output("g." + input, gradients.get(i++));
            }
        }
        return new OpCase(name, r.program(), draft.given, draft.state);
    }

    /// Plays the program once on a device that computes nothing, so that there is nothing to read or to give
    /// back.
    @SuppressWarnings("resource")
    public void compile(Device device) {
        device.load(program, new Weights(state)).run();
    }

    /// Plays the program twice and returns what it gives and what it changed.
    public Map<String, NdArray> play(Device device) {
        Weights weights = new Weights();
        state.forEach((name, array) -> weights.put(name, array.copy()));
        Map<String, NdArray> results = new TreeMap<>();
        try (Player player = device.load(program, weights)) {
            given.forEach((name, value) -> {
                if (value instanceof NdArray array) {
                    player.set(name, array);
                } else if (value instanceof int[] ids) {
                    player.set(name, ids);
                }
            });
            player.run();
            player.run();
            program.outputs().keySet().forEach(name -> results.put(name, player.get(name)));
            player.pull();
            state.keySet().forEach(name -> results.put("state " + name, weights.get(name)));
        }
        return results;
    }

    /// A call of a kernel.
    ///
    /// @param kernel what is called
    /// @param arguments all of its arguments, empty arrays for tensors
    public record Call(Kernel kernel, Object[] arguments) {}

    /// The kernels that the program calls, each once.
    public List<Kernel> kernels() {
        Map<String, Kernel> kernels = new TreeMap<>();
        launches().forEach(call -> kernels.put(call.kernel().toString(), call.kernel()));
        return List.copyOf(kernels.values());
    }

    /// The calls that the program makes.
    public List<Call> launches() {
        List<Call> calls = new ArrayList<>();
        program.nodes().stream()
                .filter(node -> !node.op().isView())
                .forEach(node -> node.lower((kernel, rows, arguments) -> {
                    List<Object> all = new ArrayList<>();
                    for (Object argument : arguments) {
                        all.add(argument instanceof Tensor ? new float[0] : argument);
                    }
                    all.addAll(List.of(0, rows));
                    calls.add(new Call(kernel, all.toArray()));
                }));
        return calls;
    }
}
