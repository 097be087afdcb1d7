package org.vortexel.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Map;
import org.vortexel.data.EmojiCatalog.Emoji;

/// Which emoji pictures a model may be trained on. A pure function of the emoji and the style: a picture falls on
/// the same side whatever size or styles are built.
///
/// | split                 | combination    | rule                                                       |
/// |-----------------------|----------------|------------------------------------------------------------|
/// | `heldout`             |                | 5 % of the base emoji, with all skin tones, in every style |
/// | `heldout_combination` | `style-object` | 6 % of the others lack one style, a third of them each     |
/// | `heldout_combination` | `hair-tone`    | one skin tone for each kind of hair, in every style        |
/// | `heldout_combination` | `tone-style`   | everyone with a medium-light skin tone in the style noto   |
/// | `train`               |                | the rest                                                   |
///
/// So `heldout` asks whether a new thing is drawn, the combinations whether known parts are put together anew.
/// Flags never lack a style: most are drawn in one only.
///
/// Chance is the SHA-256 of a salt and the base emoji's hexcode, read as a number in [0, 1).
final class EmojiSplit {
    private static final double HELD_OUT_EMOJI = 0.05;
    private static final double HELD_OUT_STYLE = 0.06;
    private static final List<String> STYLES = List.of("twemoji", "noto", "fluent");
    private static final String TONE = "medium-light";
    private static final String TONE_STYLE = "noto";
    private static final Map<String, String> HAIR_TONES =
            Map.of("1f9b0", "medium", "1f9b1", "light", "1f9b3", "dark", "1f9b2", "medium-dark");

    private EmojiSplit() {}

    /// A split and, for a held-out combination, which one; otherwise an empty string.
    record Side(String split, String combination) {}

    static Side of(Emoji emoji, String style) {
        if (chance("emoji", emoji.base()) < HELD_OUT_EMOJI) {
            return new Side("heldout", "");
        }
        double drawn = chance("style", emoji.base());
        if (!emoji.group().equals("flags")
                && drawn < HELD_OUT_STYLE
                && STYLES.get((int) (drawn / HELD_OUT_STYLE * STYLES.size())).equals(style)) {
            return new Side("heldout_combination", "style-object");
        }
        boolean newHairTone = HAIR_TONES.entrySet().stream()
                .anyMatch(pair -> emoji.base().endsWith("-" + pair.getKey())
                        && emoji.tones().contains(pair.getValue()));
        if (newHairTone) {
            return new Side("heldout_combination", "hair-tone");
        }
        if (style.equals(TONE_STYLE) && emoji.tones().contains(TONE)) {
            return new Side("heldout_combination", "tone-style");
        }
        return new Side("train", "");
    }

    /// The number in [0, 1) that decides about a base emoji, or a pair of them.
    static double chance(String salt, String hexcode) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((salt + ":" + hexcode).getBytes(StandardCharsets.UTF_8));
            return Integer.toUnsignedLong(ByteBuffer.wrap(hash).getInt()) / (double) (1L << Integer.SIZE);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
