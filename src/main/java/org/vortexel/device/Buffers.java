package org.vortexel.device;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;
import org.vortexel.program.MemoryPlan;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;

/// The array of every tensor of one program. An array may be longer than its tensor, and tensors that never
/// live at the same time share one.
public final class Buffers {
    private final MemoryPlan plan;
    private final Map<Tensor, float[]> fixed = new HashMap<>();
    private final Map<Tensor, int[]> ids = new HashMap<>();
    private final List<float[]> slots = new ArrayList<>();
    private final Set<Tensor> steady = new HashSet<>();

    /// Plans and makes the arrays of `program`; those of parameters are the ones in `weights`.
    ///
    /// @param inPlace whether an op may get one array as its input and its output
    /// @throws IllegalArgumentException when a parameter is missing or has another shape
    public Buffers(Program program, Weights weights, boolean inPlace) {
        plan = MemoryPlan.of(program, inPlace);
        for (int size : plan.sizes()) {
            slots.add(new float[size]);
        }
        for (Tensor input : program.inputs().values()) {
            if (input.dtype() == DType.I32) {
                ids.put(input, new int[input.size()]);
            } else {
                fixed.put(input, new float[input.size()]);
            }
        }
        program.parameters()
                .forEach((name, tensor) ->
                        fixed.put(tensor, weights.get(name, tensor.shape()).data()));
        program.constants().forEach((tensor, value) -> fixed.put(tensor, value.data()));
        program.steadyParameters()
                .forEach(name -> steady.add(program.parameters().get(name)));
        steady.addAll(program.constants().keySet());
    }

    /// Whether the numbers of `tensor` stay the same from run to run: a constant, or a steady parameter
    /// ([Program#steadyParameters]).
    public boolean isSteady(Tensor tensor) {
        return steady.contains(plan.root(tensor));
    }

    /// Whether two tensors live in the same array.
    @SuppressWarnings("ReferenceEquality") // one array, not equal ones
    public boolean share(Tensor a, Tensor b) {
        return floats(a) == floats(b);
    }

    /// The numbers of `tensor`.
    public float[] floats(Tensor tensor) {
        Tensor root = plan.root(tensor);
        float[] held = fixed.get(root);
        if (held != null) {
            return held;
        }
        Integer slot = plan.slots().get(root);
        if (slot == null) {
            throw new IllegalStateException("tensor " + tensor + " has no buffer");
        }
        return slots.get(slot);
    }

    /// The ids of `tensor`.
    public int[] ints(Tensor tensor) {
        int[] held = ids.get(plan.root(tensor));
        if (held == null) {
            throw new IllegalStateException("tensor " + tensor + " holds no ids");
        }
        return held;
    }

    /// The array of `tensor`, of either kind, for a kernel's argument.
    public Object array(Tensor tensor) {
        Tensor root = plan.root(tensor);
        return root.dtype() == DType.I32 ? ints(root) : floats(root);
    }
}
