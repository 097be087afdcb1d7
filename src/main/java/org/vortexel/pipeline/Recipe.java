package org.vortexel.pipeline;

import java.util.List;
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
/// @param guidance how hard the prompt pulled: the scale of classifier-free guidance, or what its way
/// of guiding has
/// instead
/// @param sampler by name
/// @param size side in pixels
/// @param model the model's name
/// @param weights SHA-256 of the model's weights
/// @param cache how the network was spared some of its work; null for not at all
/// @param asynchronous which places were drawn later; null for none
/// @param diversity how the picture was kept from being like others of its group; null for not at all
/// @param guide how the prompt pulled the picture; null for classifier-free guidance
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
        @Nullable Caching cache,
        @Nullable Asynchronous asynchronous,
        @Nullable Diversity diversity,
        @Nullable Guide guide) {
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

    /// Which places were drawn later.
    Asynchronous asyn() {
        return asynchronous == null ? new Asynchronous.Off() : asynchronous;
    }

    /// How the picture was kept from being like others.
    Diversity diverse() {
        return diversity == null ? new Diversity.Off() : diversity;
    }

    /// How the prompt pulled the picture.
    Guide guiding() {
        return guide == null ? new Guide.Cfg() : guide;
    }

    /// The recipe of another picture of the same group.
    Recipe withSeed(long other) {
        return new Recipe(
                prompt,
                negative,
                style,
                other,
                steps,
                guidance,
                sampler,
                size,
                model,
                weights,
                cache,
                asynchronous,
                diversity,
                guide);
    }

    /// The request that repeats the picture.
    public Request request() {
        return new Request(List.of(prompt), negative, style, 1, seed, steps, guidance, sampler, size, 0)
                .withCache(caching())
                .withAsynchronous(asyn())
                .withDiversity(diverse())
                .withGuide(guiding());
    }
}
