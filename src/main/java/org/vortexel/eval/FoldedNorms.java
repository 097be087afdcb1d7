package org.vortexel.eval;

import java.util.Map;
import org.vortexel.checkpoint.WeightSource;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// The weights of [MobileNetV2] from those of the Keras model: every batch norm goes into the convolution before it,
/// and arrays change from Keras's order (height, width, in, out) to ours (out, in, height, width).
///
/// At inference a batch norm is `y = gamma (x - mean) / sqrt(variance + 0.001) + beta`, linear for each channel. With
/// `scale = gamma / sqrt(variance + 0.001)` the folded convolution has `weight · scale` and `beta - mean · scale`,
/// worked out in double and rounded once.
final class FoldedNorms {
    private static final double EPS = 0.001;

    private FoldedNorms() {}

    /// The parameters of `params`, all convolutions of a [MobileNetV2]. Arrays of layers behind block 9 are
    /// passed over.
    ///
    /// @throws WeightsException when an array is missing or has another shape
    static Weights of(WeightSource keras, Params params) {
        Weights weights = new Weights();
        for (Map.Entry<String, Shape> wanted : params.shapes().entrySet()) {
            String name = wanted.getKey();
            if (name.endsWith(".weight")) {
                String layer = name.substring(0, name.length() - ".weight".length());
                fold(keras, layer, wanted.getValue(), weights);
            }
        }
        return weights;
    }

    private static void fold(WeightSource keras, String layer, Shape shape, Weights into) {
        boolean depthwise = layer.endsWith("_depthwise");
        String norm = layer.equals("Conv1") ? "bn_Conv1" : layer + "_BN";
        int out = shape.dim(0);
        int in = shape.dim(1);
        int area = shape.size(2, 4);
        Shape stored = depthwise
                ? Shape.of(shape.dim(2), shape.dim(3), out, in)
                : Shape.of(shape.dim(2), shape.dim(3), in, out);
        float[] kernel = array(keras, layer + (depthwise ? "/depthwise_kernel" : "/kernel"), stored);
        float[] gamma = array(keras, norm + "/gamma", Shape.of(out));
        float[] beta = array(keras, norm + "/beta", Shape.of(out));
        float[] mean = array(keras, norm + "/moving_mean", Shape.of(out));
        float[] variance = array(keras, norm + "/moving_variance", Shape.of(out));
        NdArray weight = NdArray.zeros(shape);
        NdArray bias = NdArray.zeros(Shape.of(out));
        for (int o = 0; o < out; o++) {
            double scale = gamma[o] / Math.sqrt(variance[o] + EPS);
            bias.data()[o] = (float) (beta[o] - mean[o] * scale);
            for (int i = 0; i < in; i++) {
                for (int at = 0; at < area; at++) {
                    int from = depthwise ? (at * out + o) * in + i : (at * in + i) * out + o;
                    weight.data()[(o * in + i) * area + at] = (float) (kernel[from] * scale);
                }
            }
        }
        into.put(layer + ".weight", weight);
        into.put(layer + ".bias", bias);
    }

    private static float[] array(WeightSource keras, String name, Shape wanted) {
        Shape found = keras.shape(name);
        if (!found.equals(wanted)) {
            throw WeightsException.mismatch(keras.source(), name, "shape", wanted, found);
        }
        return keras.array(name).data();
    }
}
