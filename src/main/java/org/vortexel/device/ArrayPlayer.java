package org.vortexel.device;

import java.util.Arrays;
import org.vortexel.op.DType;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;

/// A program bound to arrays on the host; what is common to all devices.
public abstract class ArrayPlayer implements Player {
    /// What is played.
    protected final Program program;
    /// The arrays of its tensors.
    protected final Buffers buffers;

    /// Makes the arrays.
    ///
    /// @param inPlace whether an op may get one array as its input and its output
    /// @throws IllegalArgumentException when a parameter is missing or has another shape
    protected ArrayPlayer(Program program, Weights weights, boolean inPlace) {
        this.program = program;
        this.buffers = new Buffers(program, weights, inPlace);
    }

    @Override
    public final Player set(String input, float... values) {
        Tensor tensor = input(input, DType.F32);
        check(input, tensor.size(), values.length);
        float[] array = buffers.floats(tensor);
        System.arraycopy(values, 0, array, 0, values.length);
        given(array);
        return this;
    }

    @Override
    public final Player set(String input, int... ids) {
        Tensor tensor = input(input, DType.I32);
        check(input, tensor.size(), ids.length);
        System.arraycopy(ids, 0, buffers.ints(tensor), 0, ids.length);
        return this;
    }

    @Override
    public final Player set(String input, NdArray value) {
        Tensor tensor = input(input, DType.F32);
        if (!tensor.shape().equals(value.shape())) {
            throw new IllegalArgumentException(
                    "input " + input + " is " + tensor.shape() + " but got " + value.shape());
        }
        return set(input, value.data());
    }

    private Tensor input(String name, DType dtype) {
        Tensor tensor = program.inputs().get(name);
        if (tensor == null || tensor.dtype() != dtype) {
            throw new IllegalArgumentException("the program has no " + dtype + " input " + name + ", only "
                    + program.inputs().keySet());
        }
        return tensor;
    }

    private static void check(String input, int wanted, int given) {
        if (wanted != given) {
            throw new IllegalArgumentException("input " + input + " takes " + wanted + " numbers but got " + given);
        }
    }

    @Override
    public final NdArray get(String output) {
        Tensor tensor = program.outputs().get(output);
        if (tensor == null) {
            throw new IllegalArgumentException("the program has no output " + output + ", only "
                    + program.outputs().keySet());
        }
        float[] array = buffers.floats(tensor);
        fetch(array);
        return NdArray.of(tensor.shape(), Arrays.copyOf(array, tensor.size()));
    }

    /// Called when the numbers of an input, one of [#buffers], were set.
    protected void given(float[] array) {
        // Nothing to do where runs read the array itself.
    }

    /// Makes `array`, one of [#buffers], hold what the last run left in it.
    protected abstract void fetch(float[] array);
}
