package org.vortexel.eval;

import org.vortexel.op.Tensor;

/// The "MobileNetV2 perceptual distance" of pictures: how far the maps of blocks 3, 6 and 9 are apart.
///
/// At every position of a map the channels are taken as a direction (length 1); the distance is the squared
/// difference of the two directions, averaged over positions and summed over the three maps. It is 0 for equal
/// pictures and at most 12.
///
/// *Departs from the paper:* the design is that of LPIPS with another network and without its learnt weights of
/// channels, so its numbers cannot be compared with LPIPS.
///
/// Source: Zhang et al. 2018, [arXiv:1801.03924](https://arxiv.org/abs/1801.03924), equation 1.
public final class PerceptualDistance {
    /// Keeps the length of a vector of zeros from being divided by.
    private static final float EPS = 1e-10f;

    private PerceptualDistance() {}

    /// Records where pictures lie: the squared Euclidean distance of two rows is the distance of the pictures.
    ///
    /// @return (N, F), F the number of elements of a picture's three maps
    public static Tensor place(MobileNetV2.Maps maps) {
        return Tensor.concat(1, directions(maps.block3()), directions(maps.block6()), directions(maps.block9()));
    }

    /// Records the distance of each picture of `a` to the same picture of `b`; has a gradient.
    ///
    /// @return (N)
    public static Tensor of(MobileNetV2.Maps a, MobileNetV2.Maps b) {
        return place(a).sub(place(b)).square().sum(false, 1);
    }

    /// (N, C, H, W) to (N, C H W): directions, divided by the root of the number of positions.
    private static Tensor directions(Tensor map) {
        Tensor unit = map.mul(map.square().sum(true, 1).add(EPS).rsqrt());
        float share = (float) (1 / Math.sqrt(map.dim(2) * map.dim(3)));
        return unit.mul(share).reshape(map.dim(0), -1);
    }
}
