package org.vortexel.data;

import java.util.Set;
import java.util.function.Predicate;

/// Which pictures of a folder are wanted. An empty set takes everything.
///
/// @param splits such as `train`
/// @param styles such as `twemoji`
/// @param groups such as `food-drink`
/// @param subgroups such as `food-fruit`
/// @param skinTones false leaves out pictures that name a skin tone
public record Selection(
        Set<String> splits, Set<String> styles, Set<String> groups, Set<String> subgroups, boolean skinTones)
        implements Predicate<Entry> {
    public Selection {
        splits = Set.copyOf(splits);
        styles = Set.copyOf(styles);
        groups = Set.copyOf(groups);
        subgroups = Set.copyOf(subgroups);
    }

    /// Everything.
    public static Selection all() {
        return new Selection(Set.of(), Set.of(), Set.of(), Set.of(), true);
    }

    /// This selection with other splits.
    public Selection withSplits(String... names) {
        return new Selection(Set.of(names), styles, groups, subgroups, skinTones);
    }

    /// This selection with other styles.
    public Selection withStyles(String... names) {
        return new Selection(splits, Set.of(names), groups, subgroups, skinTones);
    }

    /// This selection with other groups.
    public Selection withGroups(String... names) {
        return new Selection(splits, styles, Set.of(names), subgroups, skinTones);
    }

    /// This selection with other subgroups.
    public Selection withSubgroups(String... names) {
        return new Selection(splits, styles, groups, Set.of(names), skinTones);
    }

    /// This selection without pictures that name a skin tone.
    public Selection withoutSkinTones() {
        return new Selection(splits, styles, groups, subgroups, false);
    }

    /// True if the picture is wanted.
    @Override
    public boolean test(Entry entry) {
        return takes(splits, entry.split())
                && takes(styles, entry.style())
                && takes(groups, entry.group())
                && takes(subgroups, entry.subgroup())
                && (skinTones || entry.tones().isEmpty());
    }

    private static boolean takes(Set<String> wanted, String value) {
        return wanted.isEmpty() || wanted.contains(value);
    }
}
