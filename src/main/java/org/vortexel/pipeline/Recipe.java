package org.vortexel.pipeline;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;
import org.vortexel.checkpoint.Json;

/// Everything that one picture was made from, written into its PNG: the same model and the same recipe give the same
/// bits.
///
/// @param prompt what was drawn
/// @param negative what was kept away from, empty for nothing
/// @param style how
/// @param seed of the noise
/// @param steps denoising steps
/// @param guidance scale of classifier-free guidance
/// @param sampler by name
/// @param size side in pixels
/// @param model the model's name
/// @param weights SHA-256 of the model's weights
/// @param cache how the network was spared some of its work; null for not at all
public record Recipe(
        String prompt,
        String negative,
        String style,
        long seed,
        int steps,
        double guidance,
        String sampler,
        int size,
        String model,
        String weights,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Caching cache) {
    /// This recipe as JSON text.
    public String toJson() {
        return Json.text(this);
    }

    /// The recipe in JSON text.
    ///
    /// @param source where the text is from, for messages
    public static Recipe parse(String source, String json) {
        return Json.parse(source, json, Recipe.class);
    }

    /// How the network was spared some of its work.
    Caching caching() {
        return cache == null ? new Caching.Off() : cache;
    }

    /// The request that repeats the picture.
    public Request request() {
        return new Request(java.util.List.of(prompt), negative, style, 1, seed, steps, guidance, sampler, size, 0)
                .withCache(caching());
    }
}
