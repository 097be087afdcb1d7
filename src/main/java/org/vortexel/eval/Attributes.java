package org.vortexel.eval;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.Attribute;

/// How often pictures have the attributes that were asked for, in the eyes of a [Judge].
///
/// @param shares for every attribute that was asked for at all
public record Attributes(Map<Attribute, Share> shares) {
    /// Of so many pictures of which a value was asked for, so many have it.
    public record Share(int right, int asked) {
        /// In [0, 1].
        public double value() {
            return (double) right / asked;
        }
    }

    public Attributes {
        Map<Attribute, Share> copy = new EnumMap<>(Attribute.class);
        copy.putAll(shares);
        shares = copy;
    }

    /// Compares what was asked for with what the judge sees. Values that it does not know are not asked
    /// for.
    ///
    /// @param asked of every picture, the values that its words give
    /// @param told of every attribute, what the judge says of each picture, see
    /// [Towers.Looked#attributes]
    /// @param known the values that the judge knows
    public static Attributes of(
            List<Map<Attribute, String>> asked, Map<Attribute, List<String>> told, Map<Attribute, List<String>> known) {
        Map<Attribute, Share> shares = new EnumMap<>(Attribute.class);
        told.forEach((attribute, answers) -> {
            int wanted = 0;
            int right = 0;
            for (int i = 0; i < answers.size(); i++) {
                String value = asked.get(i).get(attribute);
                if (value != null && known.getOrDefault(attribute, List.of()).contains(value)) {
                    wanted++;
                    right += value.equals(answers.get(i)) ? 1 : 0;
                }
            }
            if (wanted > 0) {
                shares.put(attribute, new Share(right, wanted));
            }
        });
        return new Attributes(shares);
    }

    /// The share of one attribute, if it was asked for.
    public @Nullable Double of(Attribute attribute) {
        Share share = shares.get(attribute);
        return share == null ? null : share.value();
    }

    /// The share of all attributes together, if any was asked for.
    public @Nullable Double all() {
        int asked = shares.values().stream().mapToInt(Share::asked).sum();
        int right = shares.values().stream().mapToInt(Share::right).sum();
        return asked == 0 ? null : (double) right / asked;
    }
}
