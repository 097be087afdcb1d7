package org.vortexel.eval;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How well a model draws one style.
///
/// @param style such as `twemoji`
/// @param trainingPictures how many it was trained on
/// @param kinds how many different things they show
/// @param splits first `train`, then what was held out
public record StyleReport(String style, int trainingPictures, int kinds, List<Split> splits) {
    /// How well a model draws the captions of one split.
    ///
    /// A Fréchet distance falls as captions get more, and no model can be expected below that of the true
    /// pictures of the same captions: read the two together. Both are against all training pictures of the
    /// style, and left out for a single caption.
    ///
    /// Kinds do not tell skin tones apart. Where a combination is of skin tones, its base emoji may be among the
    /// training pictures in other tones, and is then easier to hit than a thing held out altogether.
    ///
    /// @param split `train`, `heldout`, or a held-out combination such as `heldout_combination style-object`
    /// @param captions how many were drawn
    /// @param byFeatures neighbours by MobileNetV2 block 9, see [MobileNetFeatures]
    /// @param byPixels neighbours by raw pixels
    /// @param byChance what choosing blindly would give
    /// @param attributes how often a judge finds what was asked for, such as style and skin tone; none
    /// without one
    /// @param attributesOfTruePictures the same for the true pictures: what the judge can tell at all
    /// @param mobileNetV2Block9Fd the Fréchet distance of the drawn pictures
    /// @param mobileNetV2Block9FdOfTruePictures the same for the true pictures of the captions: the floor
    /// @param mobileNetV2PerceptualDistance mean over drawn pictures and the true ones of their captions
    /// @param mobileNetV2PerceptualDistanceOfOthers mean over drawn pictures and true ones of other captions
    /// @param vendi how many different pictures the drawn ones count as
    /// @param vendiOfTruePictures the same for the true pictures
    public record Split(
            String split,
            int captions,
            Retrieval byFeatures,
            Retrieval byPixels,
            Retrieval byChance,
            @Nullable Attributes attributes,
            @Nullable Attributes attributesOfTruePictures,
            @Nullable Double mobileNetV2Block9Fd,
            @Nullable Double mobileNetV2Block9FdOfTruePictures,
            double mobileNetV2PerceptualDistance,
            double mobileNetV2PerceptualDistanceOfOthers,
            double vendi,
            double vendiOfTruePictures) {}

    /// Checks the list.
    public StyleReport {
        splits = List.copyOf(splits);
    }
}
