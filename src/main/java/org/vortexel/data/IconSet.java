package org.vortexel.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The drawings of one style: an SVG document for each emoji.
///
/// @param style the style's name, such as `noto`
/// @param drawings hexcode (see [EmojiCatalog#hexcode]) to SVG document
record IconSet(String style, Map<String, String> drawings) {

    /// Reads an Iconify package: `icons.json` has the inside of each SVG by name, `chars.json` the name of each
    /// code point sequence.
    static IconSet parse(String style, byte[] icons, byte[] chars) {
        try {
            ObjectMapper json = new ObjectMapper();
            JsonNode set = json.readTree(icons);
            Map<String, String> drawings = new HashMap<>();
            json.readTree(chars).properties().forEach(entry -> {
                JsonNode icon = set.path("icons").path(entry.getValue().asText());
                if (icon.isMissingNode()) {
                    throw new IllegalArgumentException("the " + style + " icons have no "
                            + entry.getValue().asText() + " for " + entry.getKey());
                }
                drawings.putIfAbsent(EmojiCatalog.hexcode(entry.getKey()), svg(icon, set));
            });
            return new IconSet(style, Collections.unmodifiableMap(drawings));
        } catch (IOException e) {
            throw new IllegalArgumentException("the " + style + " icons are not good JSON: " + e.getMessage(), e);
        }
    }

    /// The SVG document of an emoji, if this style has one.
    Optional<String> drawing(EmojiCatalog.Emoji emoji) {
        return Optional.ofNullable(drawings.get(emoji.hexcode()));
    }

    /// A whole document around the body; the set's width and height (16 unless given) hold where the icon has none.
    private static String svg(JsonNode icon, JsonNode set) {
        double width = icon.path("width").asDouble(set.path("width").asDouble(16));
        double height = icon.path("height").asDouble(set.path("height").asDouble(16));
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"" + width
                + "\" height=\"" + height + "\" viewBox=\"0 0 " + width + " " + height + "\">"
                + icon.path("body").asText() + "</svg>";
    }
}
