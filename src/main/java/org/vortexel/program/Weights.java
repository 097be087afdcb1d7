package org.vortexel.program;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Named parameters of a model: what it has learnt. Mutable: a training program writes the arrays in place.
public final class Weights {
    private final Map<String, NdArray> arrays = new LinkedHashMap<>();

    /// No parameters yet.
    public Weights() {}

    /// Takes over the given arrays.
    public Weights(Map<String, NdArray> arrays) {
        this.arrays.putAll(arrays);
    }

    /// The array of `name`; shared, not copied.
    ///
    /// @throws IllegalArgumentException when there is none
    public NdArray get(String name) {
        NdArray array = arrays.get(name);
        if (array == null) {
            throw new IllegalArgumentException("there is no parameter " + name);
        }
        return array;
    }

    /// The array of `name`, checked to have the given shape.
    ///
    /// @throws IllegalArgumentException when there is none or its shape differs
    public NdArray get(String name, Shape shape) {
        NdArray array = get(name);
        if (!array.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "parameter " + name + " should be " + shape + " but is " + array.shape());
        }
        return array;
    }

    /// Whether `name` is held.
    public boolean contains(String name) {
        return arrays.containsKey(name);
    }

    /// Adds or replaces `name`; takes the array over.
    public void put(String name, NdArray array) {
        arrays.put(name, array);
    }

    /// All arrays by name, in order of insertion; a view.
    public Map<String, NdArray> asMap() {
        return Collections.unmodifiableMap(arrays);
    }

    /// How many numbers there are in all.
    public long count() {
        return arrays.values().stream().mapToLong(a -> a.shape().size()).sum();
    }

    /// A copy with arrays of its own.
    public Weights copy() {
        Weights copy = new Weights();
        arrays.forEach((name, array) -> copy.put(name, array.copy()));
        return copy;
    }
}
