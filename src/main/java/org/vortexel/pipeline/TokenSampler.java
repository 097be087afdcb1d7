package org.vortexel.pipeline;

import java.util.Locale;
import org.vortexel.ar.ArModel;

/// How tokens are sampled, as text for the command line and for recipes:
/// `temperature=1.0,top-k=0,top-p=1.0,power=0.0,members=uniform`. What the text leaves out is the
/// model's own choice.
final class TokenSampler {
    private TokenSampler() {}

    /// The sampling that a text asks for.
    ///
    /// @param own the model's choice
    /// @throws IllegalArgumentException when a name or a value is none
    static ArModel.Sampling parse(String text, ArModel.Sampling own) {
        ArModel.Sampling s = own;
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            String[] pair = part.strip().split("=", 2);
            String value = pair.length == 2 ? pair[1].strip() : "";
            try {
                s = switch (pair[0].strip().toLowerCase(Locale.ROOT)) {
                    case "temperature" -> sampling(s, s.power(), Double.parseDouble(value), s.topK(), s.topP());
                    case "top-k" -> sampling(s, s.power(), s.temperature(), Integer.parseInt(value), s.topP());
                    case "top-p" -> sampling(s, s.power(), s.temperature(), s.topK(), Double.parseDouble(value));
                    case "power" -> sampling(s, Double.parseDouble(value), s.temperature(), s.topK(), s.topP());
                    case "members" ->
                        new ArModel.Sampling(
                                s.guidance(),
                                s.power(),
                                s.temperature(),
                                s.topK(),
                                s.topP(),
                                ArModel.Members.valueOf(value.toUpperCase(Locale.ROOT)));
                    default ->
                        throw new IllegalArgumentException(
                                "a sampler of tokens has temperature, top-k, top-p, power and members, not '" + pair[0]
                                        + "'");
                };
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(pair[0] + " wants a number but got '" + value + "'", e);
            }
        }
        return s;
    }

    private static ArModel.Sampling sampling(
            ArModel.Sampling s, double power, double temperature, int topK, double topP) {
        return new ArModel.Sampling(s.guidance(), power, temperature, topK, topP, s.members());
    }

    /// The text of a sampling, without its guidance.
    static String text(ArModel.Sampling s) {
        return "temperature=%s,top-k=%d,top-p=%s,power=%s,members=%s"
                .formatted(
                        s.temperature(),
                        s.topK(),
                        s.topP(),
                        s.power(),
                        String.valueOf(s.members()).toLowerCase(Locale.ROOT));
    }
}
