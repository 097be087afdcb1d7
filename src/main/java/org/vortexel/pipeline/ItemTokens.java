package org.vortexel.pipeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.vortexel.diffusion.asyn.Item;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;
import org.vortexel.text.TextEncoder;

/// Where in a caption the tokens of items are: what AsynDM looks for in the attention.
///
/// @param from the index of each item's first token
/// @param to the index behind its last
record ItemTokens(List<Integer> from, List<Integer> to) {
    /// Words that name no thing.
    private static final Set<String> SMALL = Set.of(
            "a", "an", "the", "of", "and", "or", "with", "without", "in", "on", "at", "to", "for", "from", "by", "left",
            "right", "above", "below", "under", "over", "behind", "beside", "big", "small", "bigger", "smaller", "than",
            "is", "are", "style");

    /// The tokens of some words of a prompt.
    ///
    /// @param caption the prompt as the encoder reads it, which begins with the prompt
    /// @param words the items; empty for every word of the prompt that says something
    /// @param length how many tokens of the caption are looked at
    /// @throws IllegalArgumentException when the caption does not have an item, or nothing in it says anything
    static ItemTokens of(TextEncoder encoder, String prompt, String caption, List<String> words, int length) {
        int[] all = encoder.ids(caption, length);
        List<String> items = words.isEmpty() ? telling(prompt) : words;
        List<Integer> from = new ArrayList<>();
        List<Integer> to = new ArrayList<>();
        for (String item : items) {
            int[] ids = encoder.ids(item, length);
            int[] own = Arrays.copyOfRange(ids, 1, ids.length - 1); // without [CLS] and [SEP]
            int at = own.length == 0 ? -1 : find(all, own);
            if (at < 0) {
                throw new IllegalArgumentException("the prompt \"" + prompt + "\" does not speak of \"" + item + "\"");
            }
            from.add(at);
            to.add(at + own.length);
        }
        if (from.isEmpty()) {
            throw new IllegalArgumentException("the prompt \"" + prompt + "\" speaks of nothing that AsynDM could draw"
                    + " later than the rest; name the items");
        }
        return new ItemTokens(from, to);
    }

    private static List<String> telling(String prompt) {
        return Arrays.stream(prompt.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+"))
                .filter(word -> !word.isEmpty() && !SMALL.contains(word))
                .distinct()
                .toList();
    }

    private static int find(int[] all, int... wanted) {
        for (int at = 1; at + wanted.length < all.length; at++) {
            if (Arrays.equals(all, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }

    /// The items, all of one strength.
    List<Item> items(double strength) {
        return from.stream().map(token -> new Item(token, strength)).toList();
    }

    /// The items' share of attention, the mean over their tokens.
    ///
    /// @param attention (N or more, T, L), from places to tokens
    /// @param batch N
    /// @return (N, T, items)
    NdArray of(NdArray attention, int batch) {
        int places = attention.shape().dim(1);
        int tokens = attention.shape().dim(2);
        NdArray maps = NdArray.zeros(Shape.of(batch, places, from.size()));
        for (int place = 0; place < batch * places; place++) {
            for (int item = 0; item < from.size(); item++) {
                double sum = 0;
                for (int token = from.get(item); token < to.get(item); token++) {
                    sum += attention.data()[place * tokens + token];
                }
                maps.data()[place * from.size() + item] = (float) (sum / (to.get(item) - from.get(item)));
            }
        }
        return maps;
    }
}
