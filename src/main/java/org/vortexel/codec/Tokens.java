package org.vortexel.codec;

import org.vortexel.op.Tensor;

/// Images as rows of tokens, one for each pixel, and back.
public final class Tokens {
    private Tokens() {}

    /// (N, C, H, W) to (N, H W, C).
    public static Tensor of(Tensor image) {
        return image.reshape(image.dim(0), image.dim(1), -1).transpose(1, 2);
    }

    /// (N, H W, C) to (N, C, H, W).
    public static Tensor image(Tensor tokens, int height, int width) {
        return tokens.transpose(1, 2).reshape(tokens.dim(0), tokens.dim(2), height, width);
    }
}
