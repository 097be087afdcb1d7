package org.vortexel.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Where the emoji come from: one npm package of words, and one of drawings for each style.
///
/// @param catalog the words
/// @param sets the drawings, style by style
record EmojiPackages(EmojiCatalog catalog, List<IconSet> sets) {
    private record Style(String name, NpmPackage drawings) {}

    private static final NpmPackage WORDS = new NpmPackage(
            "emojibase-data",
            "17.0.0",
            "sha512-Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==");

    private static final List<Style> STYLES = List.of(
            new Style(
                    "twemoji",
                    new NpmPackage(
                            "@iconify-json/twemoji",
                            "1.2.5",
                            "sha512-uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==")),
            new Style(
                    "noto",
                    new NpmPackage(
                            "@iconify-json/noto",
                            "1.2.9",
                            "sha512-DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==")),
            new Style(
                    "fluent",
                    new NpmPackage(
                            "@iconify-json/fluent-emoji-flat",
                            "1.2.6",
                            "sha512-RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==")));

    /// Whose work the pictures and words are; goes beside them.
    static final String ATTRIBUTION = """
        # Where these pictures and words come from

        | part | source | author | licence |
        |---|---|---|---|
        | style `twemoji` | npm `@iconify-json/twemoji` 1.2.5, https://github.com/jdecked/twemoji | Twitter, Inc. and other contributors | CC BY 4.0, https://creativecommons.org/licenses/by/4.0/ |
        | style `noto` | npm `@iconify-json/noto` 1.2.9, https://github.com/googlefonts/noto-emoji | Google LLC | Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0 |
        | style `fluent` | npm `@iconify-json/fluent-emoji-flat` 1.2.6, https://github.com/microsoft/fluentui-emoji | Microsoft Corporation | MIT, https://github.com/microsoft/fluentui-emoji/blob/main/LICENSE |
        | captions, tags, groups | npm `emojibase-data` 17.0.0, https://github.com/milesj/emojibase | Miles Johnson | MIT, https://github.com/milesj/emojibase/blob/master/LICENSE |

        The drawings were changed: rendered from SVG to PNG on a white ground.
        """;

    /// The names of the styles.
    static List<String> styles() {
        return STYLES.stream().map(Style::name).toList();
    }

    /// The packages that these styles need.
    static List<NpmPackage> of(List<String> styles) {
        return Stream.concat(Stream.of(WORDS), wanted(styles).map(Style::drawings))
                .toList();
    }

    private static Stream<Style> wanted(List<String> styles) {
        return STYLES.stream().filter(style -> styles.contains(style.name()));
    }

    /// Reads the packages, fetching those that the folder `cache` lacks with the command `npm`.
    static EmojiPackages fetch(List<String> styles, Path cache, List<String> npm, EmojiBuilder.Progress progress) {
        int packages = of(styles).size();
        progress.at("fetch", 0, packages);
        List<byte[]> words = Archive.read(WORDS.fetch(cache, npm), "package/en/data.json", "package/meta/groups.json");
        EmojiCatalog catalog = EmojiCatalog.parse(words.get(0), words.get(1));
        progress.at("fetch", 1, packages);
        List<IconSet> sets = new ArrayList<>();
        for (Style style : wanted(styles).toList()) {
            Path archive = style.drawings().fetch(cache, npm);
            List<byte[]> icons = Archive.read(archive, "package/icons.json", "package/chars.json");
            sets.add(IconSet.parse(style.name(), icons.get(0), icons.get(1)));
            progress.at("fetch", sets.size() + 1, packages);
        }
        return new EmojiPackages(catalog, sets);
    }
}
