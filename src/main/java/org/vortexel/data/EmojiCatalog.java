package org.vortexel.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Every emoji with its words, as the package `emojibase-data` lists them: skin-tone variants stand behind their
/// base emoji.
///
/// @param emoji all of them, in the order of the Unicode charts
record EmojiCatalog(List<Emoji> emoji) {
    private static final List<String> TONES = List.of("light", "medium-light", "medium", "medium-dark", "dark");

    /// One emoji.
    ///
    /// @param hexcode its code points, lower-case hexadecimal joined by `-`, without the variation selector `fe0f`
    /// @param base the hexcode of the emoji without skin tones
    /// @param label its name in lower case, such as `woman: medium skin tone, red hair`
    /// @param tags further words for it
    /// @param group its group, such as `food-drink`; empty for the 26 regional indicators, which have none
    /// @param subgroup its subgroup, such as `food-fruit`; empty where the group is
    /// @param character the emoji itself
    /// @param tones its skin tones, one for each person in it, or none
    record Emoji(
            String hexcode,
            String base,
            String label,
            List<String> tags,
            String group,
            String subgroup,
            String character,
            List<String> tones) {}

    /// Joins `en/data.json` and the names of groups and subgroups in `meta/groups.json`.
    static EmojiCatalog parse(byte[] data, byte[] groups) {
        try {
            ObjectMapper json = new ObjectMapper();
            JsonNode names = json.readTree(groups);
            List<Emoji> all = new ArrayList<>();
            for (JsonNode base : json.readTree(data)) {
                all.add(emoji(base, base, names));
                for (JsonNode skin : base.path("skins")) {
                    all.add(emoji(skin, base, names));
                }
            }
            return new EmojiCatalog(List.copyOf(all));
        } catch (IOException e) {
            throw new IllegalArgumentException("the emoji names are not good JSON: " + e.getMessage(), e);
        }
    }

    private static Emoji emoji(JsonNode node, JsonNode base, JsonNode names) {
        List<String> tags = new ArrayList<>();
        base.path("tags").forEach(tag -> tags.add(tag.asText()));
        List<String> tones = new ArrayList<>();
        JsonNode tone = node.path("tone");
        if (tone.isArray()) {
            tone.forEach(each -> tones.add(TONES.get(each.asInt() - 1)));
        } else if (tone.isInt()) {
            tones.add(TONES.get(tone.asInt() - 1));
        }
        return new Emoji(
                hexcode(node.path("hexcode").asText()),
                hexcode(base.path("hexcode").asText()),
                node.path("label").asText().toLowerCase(Locale.ROOT),
                List.copyOf(tags),
                names.path("groups").path(base.path("group").asText()).asText(),
                names.path("subgroups").path(base.path("subgroup").asText()).asText(),
                node.path("emoji").asText(),
                List.copyOf(tones));
    }

    /// A hexcode in the form that joins the packages: lower case, without `fe0f`.
    static String hexcode(String code) {
        return Arrays.stream(code.toLowerCase(Locale.ROOT).split("-"))
                .filter(point -> !point.equals("fe0f"))
                .collect(Collectors.joining("-"));
    }
}
