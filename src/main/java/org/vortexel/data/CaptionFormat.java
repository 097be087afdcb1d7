package org.vortexel.data;

import java.util.Locale;

/// How a text and a style become the sentence that the text encoder reads. Training data and prompts both come
/// through here, so that the model is asked in the words it was taught.
public final class CaptionFormat {
    private CaptionFormat() {}

    /// `text, STYLE style` in lower case, for example `red apple, twemoji style`; without a style (an empty string)
    /// the text alone.
    public static String caption(String text, String style) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        return style.isEmpty() ? plain : plain + ", " + style + " style";
    }
}
