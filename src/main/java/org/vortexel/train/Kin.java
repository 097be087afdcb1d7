package org.vortexel.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.vortexel.data.Entry;
import org.vortexel.tensor.Philox;

/// Which pictures are hard to tell apart: the same thing in another style or skin tone, things of one
/// kind, scenes of the same things in another order. A batch of such couples teaches what a batch of
/// strangers does not.
final class Kin {
    /// For every picture the groups that it is in, each of at least two.
    private final List<List<List<Integer>>> groups = new ArrayList<>();

    Kin(List<Entry> entries) {
        Map<String, List<Integer>> all = new HashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            for (String key : keys(entries.get(i))) {
                all.computeIfAbsent(key, _ -> new ArrayList<>()).add(i);
            }
        }
        for (Entry entry : entries) {
            groups.add(keys(entry).stream()
                    .map(key -> all.getOrDefault(key, List.of()))
                    .filter(group -> group.size() > 1)
                    .toList());
        }
    }

    private static List<String> keys(Entry entry) {
        if (entry.group().equals("scene")) {
            return List.of("order|" + entry.style() + "|" + entry.subgroup() + "|" + new TreeSet<>(entry.tags()));
        }
        if (entry.base().isEmpty()) {
            return List.of("kind|" + entry.style() + "|" + entry.subgroup());
        }
        return List.of(
                "style|" + entry.base() + "|" + entry.tones(),
                "tone|" + entry.base() + "|" + entry.style(),
                "kind|" + entry.style() + "|" + entry.subgroup());
    }

    /// Another picture that is hard to tell from picture `i`; any other where there is none.
    ///
    /// @param random its first two numbers choose
    int of(int i, Philox random) {
        List<List<Integer>> own = groups.get(i);
        if (own.isEmpty()) {
            return (i + 1 + random.below(Math.max(1, groups.size() - 1), 1)) % groups.size();
        }
        List<Integer> group = own.get(random.below(own.size(), 0));
        int place = group.indexOf(i);
        return group.get((place + 1 + random.below(group.size() - 1, 1)) % group.size());
    }
}
