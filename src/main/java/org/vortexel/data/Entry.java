package org.vortexel.data;

import java.util.List;

/// One line of `metadata.jsonl`: a picture and its words. Only file name and text are always there; the others are
/// empty where the line does not have them.
///
/// @param line its number in the file, from 1
/// @param fileName the picture's path inside the folder (`file_name`)
/// @param text what is to be seen, such as `red apple`
/// @param style how it is drawn, such as `noto`
/// @param group a coarse class, such as `food-drink`
/// @param subgroup a finer class, such as `food-fruit`
/// @param base which pictures show the same thing: for emoji the hexcode without skin tones
/// @param emoji the character that is drawn
/// @param tones skin tones, one for each person, or none (`tone`)
/// @param tags further words
/// @param split `train`, `heldout`, … as the folder's maker chose
/// @param combination for split `heldout_combination`: which combination is new, such as `style-object`
public record Entry(
        int line,
        String fileName,
        String text,
        String style,
        String group,
        String subgroup,
        String base,
        String emoji,
        List<String> tones,
        List<String> tags,
        String split,
        String combination) {
    public Entry {
        tones = List.copyOf(tones);
        tags = List.copyOf(tags);
    }

    /// The sentence for the text encoder: text and style in the form of [CaptionFormat].
    public String caption() {
        return CaptionFormat.caption(text, style);
    }
}
