package org.vortexel.ar;

import org.vortexel.tensor.Philox;

/// The uniform numbers that tokens are drawn with.
@FunctionalInterface
public interface Uniforms {
    /// The stream of [#members].
    long MEMBERS = 0x6D656D62L; // "memb"

    /// The number in `[0, 1)` for token `index` of picture `picture` of the batch.
    double at(int picture, int index);

    /// Picture `i` has the seed `seed + i`, so that it is the same in any batch.
    static Uniforms seeded(long seed) {
        return (picture, index) -> Philox.of(seed + picture).uniform(index);
    }

    /// Numbers of the same seeds in a stream of their own: for what is drawn after the tokens, and
    /// must not move them.
    static Uniforms members(long seed) {
        return (picture, index) -> Philox.of(seed + picture).stream(MEMBERS).uniform(index);
    }
}
