package org.vortexel.eval;

import org.vortexel.op.Tensor;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Bilinear sampling of images at another size. Each side is a product with a fixed matrix, so the gradient comes
/// with it.
///
/// When shrinking, pixels between the sampled ones are passed over, not averaged.
public enum Bilinear {
    /// Pixels are squares and the images' borders coincide: new pixel `i` looks at `(i + 1/2) from / to -
    /// 1/2`. What PyTorch does with `align_corners=False`.
    BORDERS,
    /// Pixels are points and the first ones coincide: new pixel `i` looks at `i from / to`. What
    /// TensorFlow.js does.
    FIRST_PIXELS;

    /// (N, C, H, W) to (N, C, height, width).
    public Tensor resize(Tensor x, int height, int width) {
        Tensor wide = along(x, width); // (N, C, H, width)
        return along(wide.transpose(2, 3), height).transpose(2, 3); // (N, C, height, width)
    }

    private Tensor along(Tensor x, int to) {
        int from = x.dim(-1);
        return from == to ? x : x.matmul(x.tape().constant(matrix(from, to)));
    }

    /// (from, to): how much each old pixel gives to each new one.
    private NdArray matrix(int from, int to) {
        NdArray matrix = NdArray.zeros(Shape.of(from, to));
        for (int i = 0; i < to; i++) {
            double at = switch (this) {
                case BORDERS -> Math.max(0, (i + 0.5) * from / to - 0.5);
                case FIRST_PIXELS -> (double) i * from / to;
            };
            int low = Math.min((int) at, from - 1);
            int high = Math.min(low + 1, from - 1);
            matrix.data()[low * to + i] += (float) (1 - (at - low));
            matrix.data()[high * to + i] += (float) (at - low);
        }
        return matrix;
    }
}
