package org.vortexel.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What feature caches save and what they cost, beside the same model's pictures without one.
///
/// @param model its name
/// @param weights SHA-256 of its weights
/// @param data the image folder that captions and real pictures are from
/// @param style of the pictures
/// @param captions how many pictures
/// @param seed of the choice and of the first picture
/// @param sampler by name
/// @param steps denoising steps
/// @param guidance scale of guidance
/// @param cases one per cache; the first is without one
public record CacheReport(
        String model,
        String weights,
        String data,
        String style,
        int captions,
        long seed,
        String sampler,
        int steps,
        double guidance,
        List<Case> cases) {
    public CacheReport {
        cases = List.copyOf(cases);
    }

    /// One cache at one interval.
    ///
    /// @param method which
    /// @param interval `N`; 0 for no cache
    /// @param computedSteps steps of a picture that are computed, on the mean
    /// @param fewerBlocks how many times fewer evaluations of blocks than without a cache
    /// @param seconds for a picture, with everything that belongs to it
    /// @param faster how many times faster than without a cache
    /// @param psnr mean over pictures of the [Psnr] to the uncached picture, equal pictures counting 100 dB; null
    /// for no cache
    /// @param perceptualDistance mean [PerceptualDistance] to the uncached picture
    /// @param top1 share of pictures whose nearest real one shows what was asked for
    /// @param mobileNetV2Block9Fd [FrechetDistance] to the real training pictures
    /// @param ringBytes memory of the kept features of a batch
    public record Case(
            String method,
            int interval,
            double computedSteps,
            double fewerBlocks,
            double seconds,
            double faster,
            @Nullable Double psnr,
            double perceptualDistance,
            double top1,
            double mobileNetV2Block9Fd,
            long ringBytes) {}

    /// This report with one more case.
    public CacheReport with(Case more) {
        List<Case> all = new ArrayList<>(cases);
        all.add(more);
        return new CacheReport(model, weights, data, style, captions, seed, sampler, steps, guidance, all);
    }

    /// Whether another report is about the same pictures.
    public boolean isAbout(CacheReport other) {
        return withoutCases().equals(other.withoutCases());
    }

    private CacheReport withoutCases() {
        return new CacheReport(model, weights, data, style, captions, seed, sampler, steps, guidance, List.of());
    }

    /// The case of a method and an interval, if it is here.
    public java.util.Optional<Case> find(String method, int interval) {
        return cases.stream()
                .filter(c -> c.method().equals(method) && c.interval() == interval)
                .findFirst();
    }

    /// The cases as a table in Markdown.
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| method | N | computed steps | fewer blocks | faster | PSNR, dB | perceptual | top-1 | FD | rings, MB |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|");
        for (Case c : cases) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.1f | %.2f | %.2f | %s | %.4f | %.3f | %.1f | %.1f |",
                    c.method,
                    c.interval == 0 ? "-" : c.interval,
                    c.computedSteps,
                    c.fewerBlocks,
                    c.faster,
                    c.psnr == null ? "-" : String.format(Locale.ROOT, "%.2f", c.psnr),
                    c.perceptualDistance,
                    c.top1,
                    c.mobileNetV2Block9Fd,
                    c.ringBytes / 1e6));
        }
        return lines;
    }
}
