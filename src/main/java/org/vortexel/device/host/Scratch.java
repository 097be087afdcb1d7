package org.vortexel.device.host;

/// Buffers that a thread keeps between calls, so that steady work allocates nothing. They only grow.
final class Scratch {
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);
    private static final float[] EMPTY = {};

    private float[] left = EMPTY;
    private float[] right = EMPTY;
    private float[] tile = EMPTY;
    private float[] scores = EMPTY;
    private float[] slopes = EMPTY;
    private float[] padded = EMPTY;
    private float[] filters = EMPTY;
    private float[] lines = EMPTY;

    private final float[] pad = new float[2 * VectorMath.LANES];

    private Scratch() {}

    static Scratch ofThread() {
        return OF_THREAD.get();
    }

    /// Room for packed rows of the left matrix.
    float[] left(int size) {
        if (left.length < size) {
            left = new float[size];
        }
        return left;
    }

    /// Room for packed columns of the right matrix.
    float[] right(int size) {
        if (right.length < size) {
            right = new float[size];
        }
        return right;
    }

    /// Room for one tile of the product.
    float[] tile(int size) {
        if (tile.length < size) {
            tile = new float[size];
        }
        return tile;
    }

    /// Room for a block of attention scores.
    float[] scores(int size) {
        if (scores.length < size) {
            scores = new float[size];
        }
        return scores;
    }

    /// Room for the gradient of a block of attention scores.
    float[] slopes(int size) {
        if (slopes.length < size) {
            slopes = new float[size];
        }
        return slopes;
    }

    /// Room for images with their zeros around.
    float[] padded(int size) {
        if (padded.length < size) {
            padded = new float[size];
        }
        return padded;
    }

    /// Room for the reordered weights of a convolution.
    float[] filters(int size) {
        if (filters.length < size) {
            filters = new float[size];
        }
        return filters;
    }

    /// Room for what some weights of a convolution see of an image.
    float[] lines(int size) {
        if (lines.length < size) {
            lines = new float[size];
        }
        return lines;
    }

    /// Two vectors, for elements that do not fill one.
    float[] pad() {
        return pad;
    }
}
