package org.vortexel.pipeline;

import java.util.List;

/// What pictures are wanted. Immutable; `with…` methods give changed copies.
///
/// @param prompts what to draw, each at least one word
/// @param negative what to keep away from; empty for nothing
/// @param style how to draw, one of the model's styles; empty for its first
/// @param count pictures of each prompt, 1 … 256
/// @param seed of the first picture; each further one has the next seed
/// @param steps denoising steps, 1 … 1000; 0 for the model's own choice
/// @param guidance scale of classifier-free guidance, 1 for none, or what `guide` has instead; negative
/// for the
/// model's own choice
/// @param sampler `euler`, `heun`, `ddim`, `dpm++`, …; empty for the model's own choice
/// @param size side of the pictures in pixels, 16 … 2048; 0 for the model's own. Other sizes are
/// resampled
/// @param previewEvery steps between previews, 0 for none
/// @param cache how the network is spared some of its work
/// @param asynchronous whether places that the prompt speaks of are drawn later
/// @param diversity how pictures of one prompt are kept from being alike
/// @param guide how the prompt pulls the picture
public record Request(
        List<String> prompts,
        String negative,
        String style,
        int count,
        long seed,
        int steps,
        double guidance,
        String sampler,
        int size,
        int previewEvery,
        Caching cache,
        Asynchronous asynchronous,
        Diversity diversity,
        Guide guide) {
    private static final int MOST_PICTURES = 256;
    private static final int MOST_LETTERS = 2000;

    public Request {
        prompts = List.copyOf(prompts);
        if (prompts.isEmpty() || prompts.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a prompt needs at least one word");
        }
        if (prompts.stream().anyMatch(p -> p.length() > MOST_LETTERS) || negative.length() > MOST_LETTERS) {
            throw new IllegalArgumentException("a prompt has at most " + MOST_LETTERS + " letters");
        }
        if (count < 1 || (long) count * prompts.size() > MOST_PICTURES) {
            throw new IllegalArgumentException("from 1 to " + MOST_PICTURES + " pictures can be asked for at once, not "
                    + (long) count * prompts.size());
        }
        check("steps", steps, 1, 1000, steps == 0);
        check("size", size, 16, 2048, size == 0);
        check("previewEvery", previewEvery, 0, 1000, false);
        if (!(guidance <= 100)) {
            throw new IllegalArgumentException("guidance is at most 100 but is " + guidance);
        }
    }

    /// A request that computes every step, with all places at once, classifier-free guidance, and
    /// pictures
    /// that know nothing of each other.
    public Request(
            List<String> prompts,
            String negative,
            String style,
            int count,
            long seed,
            int steps,
            double guidance,
            String sampler,
            int size,
            int previewEvery) {
        this(
                prompts,
                negative,
                style,
                count,
                seed,
                steps,
                guidance,
                sampler,
                size,
                previewEvery,
                new Caching.Off(),
                new Asynchronous.Off(),
                new Diversity.Off(),
                new Guide.Cfg());
    }

    private static void check(String name, int value, int least, int most, boolean unset) {
        if (!unset && (value < least || value > most)) {
            throw new IllegalArgumentException(name + " is from " + least + " to " + most + " but is " + value);
        }
    }

    /// One picture of `prompt`, everything else as the model likes it, seed 0.
    public static Request of(String prompt) {
        return new Request(List.of(prompt), "", "", 1, 0, 0, -1, "", 0, 0);
    }

    private record Numbers(int count, long seed, int steps) {}

    private record Ways(Caching cache, Asynchronous asynchronous, Diversity diversity, Guide guide) {}

    private Request with(Numbers number, String styled, Ways ways) {
        return new Request(
                prompts,
                negative,
                styled,
                number.count,
                number.seed,
                number.steps,
                guidance,
                sampler,
                size,
                previewEvery,
                ways.cache,
                ways.asynchronous,
                ways.diversity,
                ways.guide);
    }

    private Numbers numbers() {
        return new Numbers(count, seed, steps);
    }

    private Ways ways() {
        return new Ways(cache, asynchronous, diversity, guide);
    }

    /// This request for `pictures` of each prompt.
    public Request withCount(int pictures) {
        return with(new Numbers(pictures, seed, steps), style, ways());
    }

    /// This request with another first seed.
    public Request withSeed(long first) {
        return with(new Numbers(count, first, steps), style, ways());
    }

    /// This request in another style.
    public Request withStyle(String name) {
        return with(numbers(), name, ways());
    }

    /// This request with so many denoising steps.
    public Request withSteps(int number) {
        return with(new Numbers(count, seed, number), style, ways());
    }

    /// This request with another scale of guidance; negative for the model's own choice.
    public Request withGuidance(double scale) {
        return new Request(
                prompts,
                negative,
                style,
                count,
                seed,
                steps,
                scale,
                sampler,
                size,
                previewEvery,
                cache,
                asynchronous,
                diversity,
                guide);
    }

    /// This request with a feature cache.
    public Request withCache(Caching caching) {
        return with(numbers(), style, new Ways(caching, asynchronous, diversity, guide));
    }

    /// This request with times of their own for places, or without.
    public Request withAsynchronous(Asynchronous choice) {
        return with(numbers(), style, new Ways(cache, choice, diversity, guide));
    }

    /// This request with pictures that are kept from being alike, or without.
    public Request withDiversity(Diversity choice) {
        return with(numbers(), style, new Ways(cache, asynchronous, choice, guide));
    }

    /// This request with another way of guiding.
    public Request withGuide(Guide choice) {
        return with(numbers(), style, new Ways(cache, asynchronous, diversity, choice));
    }
}
