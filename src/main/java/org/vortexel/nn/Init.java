package org.vortexel.nn;

import java.util.Arrays;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// How a parameter begins.
@FunctionalInterface
public interface Init {
    /// Writes the initial numbers of a parameter of the given shape.
    void fill(float[] data, Shape shape, Philox noise);

    /// Zero everywhere: biases, and layers that begin as the identity (adaLN-Zero).
    static Init zeros() {
        return constant(0);
    }

    /// `value` everywhere.
    static Init constant(float value) {
        return (data, shape, noise) -> Arrays.fill(data, value);
    }

    /// Normal with mean 0.
    static Init normal(float deviation) {
        return (data, shape, noise) -> {
            noise.fillNormal(data);
            for (int i = 0; i < data.length; i++) {
                data[i] *= deviation;
            }
        };
    }

    /// Uniform in ±sqrt(6 / (in + out)): `shape` is (out, in…), a convolution counted as a matrix.
    ///
    /// Source: Glorot and Bengio 2010, *Understanding the difficulty of training deep feedforward neural networks*.
    static Init xavier() {
        return (data, shape, noise) -> {
            int out = shape.dim(0);
            double bound = Math.sqrt(6.0 / (out + (double) shape.size() / out));
            for (int i = 0; i < data.length; i++) {
                data[i] = (float) ((2 * noise.uniform(i) - 1) * bound);
            }
        };
    }

    /// The given numbers.
    static Init of(float... values) {
        return (data, shape, noise) -> System.arraycopy(values, 0, data, 0, data.length);
    }
}
