package org.vortexel.diffusion.asyn;

/// Something that the prompt speaks of.
///
/// @param token the index of its text token, which decides who owns all pixels before the network was first asked
/// @param strength how far its pixels lag behind, in `[0, 1]`; 0.3 to 0.7 work
public record Item(int token, double strength) {
    public Item {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("the strength of an item must lie in [0, 1] but is " + strength);
        }
    }
}
