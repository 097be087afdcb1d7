package org.vortexel.tensor;

/// Philox4x32-10: a counter-based random generator. Number `i` of stream `s` under seed `k` is a pure function of the
/// three, so noise does not depend on threads, devices, batch sizes or on what was drawn before. Immutable.
///
/// Source: Salmon et al. 2011, *Parallel random numbers: as easy as 1, 2, 3*, section 3.3.
///
/// @param seed the key
/// @param stream the upper half of the counter: independent sequences under one seed
public record Philox(long seed, long stream) {
    private static final int ROUNDS = 10;
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final long MASK = 0xFFFFFFFFL;

    /// Stream 0 of the seed.
    public static Philox of(long seed) {
        return new Philox(seed, 0);
    }

    /// Another stream under the same seed.
    public Philox stream(long other) {
        return new Philox(seed, other);
    }

    /// Block `index` of the stream: four 32-bit words written to `out[0..3]`.
    public void block(long index, int[] out) {
        int c0 = (int) index;
        int c1 = (int) (index >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = M0 * (c0 & MASK);
            long p1 = M1 * (c2 & MASK);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += W0;
            k1 += W1;
        }
        out[0] = c0;
        out[1] = c1;
        out[2] = c2;
        out[3] = c3;
    }

    /// Number `index` of the stream as 64 uniform bits.
    public long bits(long index) {
        int[] words = new int[4];
        block(index / 2, words);
        int word = (int) (index % 2) * 2;
        return ((long) words[word] << 32) | (words[word + 1] & MASK);
    }

    /// Number `index` of the stream, uniform in `[0, 1)` with 53 random bits.
    public double uniform(long index) {
        return (bits(index) >>> 11) * 0x1p-53;
    }

    /// Number `index` of the stream, uniform in `0 … bound - 1`; bias below `bound / 2^53`.
    public int below(int bound, long index) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound must be positive but is " + bound);
        }
        return (int) (uniform(index) * bound);
    }

    /// Number `index` of the stream, normal with mean 0 and variance 1 (Box-Muller on one block).
    public double normal(long index) {
        int[] words = new int[4];
        block(index / 2, words);
        return index % 2 == 0 ? radius(words) * Math.cos(angle(words)) : radius(words) * Math.sin(angle(words));
    }

    /// Fills `out` with normals `0 … out.length - 1` of the stream.
    public void fillNormal(float[] out) {
        int[] words = new int[4];
        for (int i = 0; i < out.length; i += 2) {
            block(i / 2, words);
            double radius = radius(words);
            double angle = angle(words);
            out[i] = (float) (radius * Math.cos(angle));
            if (i + 1 < out.length) {
                out[i + 1] = (float) (radius * Math.sin(angle));
            }
        }
    }

    /// Normals of the given shape.
    public NdArray normal(Shape shape) {
        NdArray array = NdArray.zeros(shape);
        fillNormal(array.data());
        return array;
    }

    /// A permutation of `0 … count - 1` (Fisher-Yates).
    public int[] permutation(int count) {
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = below(i + 1, i);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static double radius(int[] words) {
        // 53 bits in (0, 1]: the logarithm stays finite.
        long bits = ((long) words[0] << 32) | (words[1] & MASK);
        return Math.sqrt(-2 * Math.log(((bits >>> 11) + 1) * 0x1p-53));
    }

    private static double angle(int[] words) {
        long bits = ((long) words[2] << 32) | (words[3] & MASK);
        return 2 * Math.PI * ((bits >>> 11) * 0x1p-53);
    }
}
