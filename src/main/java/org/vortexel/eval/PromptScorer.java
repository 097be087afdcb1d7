package org.vortexel.eval;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.CaptionFormat;
import org.vortexel.data.CompositionalPrompt;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.image.Image;
import org.vortexel.tensor.NdArray;

/// Scores the pictures of compositional prompts.
///
/// @param judge says whether pictures fit words
/// @param features says how alike pictures are
/// @param emoji what the prompts were made of
/// @param size side of the pictures in pixels
public record PromptScorer(Judge judge, MobileNetFeatures features, ImageFolder emoji, int size) {
    private static final int MOST_REAL = 3000;

    /// What was found of the pictures of one prompt.
    ///
    /// @param alignment of every picture to its caption, a cosine by the judge
    /// @param right share of pictures that fit their caption better than any of its foils
    /// @param attributes share of the attributes asked for that the judge finds in the pictures; none
    /// where the prompt names none
    /// @param vendi as how many wholly different pictures they count, see [Diversity#vendi]; none of
    /// one picture
    /// @param similarity mean cosine of two of them, see [Diversity#meanSimilarity]; none of one
    /// picture
    /// @param coverage share of the thing's variants that are shown, see [Diversity#coverage]; none
    /// where the prompt leaves no variant open
    public record Scores(
            List<Double> alignment,
            double right,
            @Nullable Double attributes,
            @Nullable Double vendi,
            @Nullable Double similarity,
            @Nullable Double coverage) {
        public Scores {
            alignment = List.copyOf(alignment);
        }

        double meanAlignment() {
            return alignment.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
    }

    /// The scores of the pictures of a prompt, at least one.
    public Scores of(CompositionalPrompt prompt, List<Image> pictures) {
        List<String> captions = new ArrayList<>(List.of(prompt.caption()));
        prompt.foils().forEach(foil -> captions.add(CaptionFormat.caption(foil, prompt.style())));
        NdArray texts = judge.read(captions);
        Towers.Looked looked = judge.look(pictures);
        List<Double> alignment = new ArrayList<>();
        int right = 0;
        for (int i = 0; i < pictures.size(); i++) {
            double own = Judge.alignment(looked.directions(), i, texts, 0);
            boolean best = true;
            for (int f = 1; f < captions.size(); f++) {
                best &= own > Judge.alignment(looked.directions(), i, texts, f);
            }
            alignment.add(own);
            right += best ? 1 : 0;
        }
        NdArray layout = features.of(pictures).layout();
        NdArray variants = variants(prompt);
        boolean alone = pictures.size() < 2;
        return new Scores(
                alignment,
                (double) right / pictures.size(),
                Attributes.of(
                                Collections.nCopies(pictures.size(), prompt.attributes()),
                                looked.attributes(),
                                judge.attributes())
                        .all(),
                alone ? null : Diversity.vendi(layout),
                alone ? null : Diversity.meanSimilarity(layout),
                variants == null ? null : Diversity.coverage(layout, variants));
    }

    /// The features of the real variants of a prompt's thing; none where there are fewer than two.
    private @Nullable NdArray variants(CompositionalPrompt prompt) {
        if (prompt.kind() != CompositionalPrompt.Kind.OPEN) {
            return null;
        }
        Set<String> bases = emoji.entries().stream()
                .filter(e -> e.text().equals(prompt.text()) && e.style().equals(prompt.style()))
                .map(Entry::base)
                .collect(Collectors.toSet());
        List<Image> images =
                images(emoji, e -> bases.contains(e.base()) && e.style().equals(prompt.style()), Integer.MAX_VALUE);
        return images.size() < 2 ? null : features.of(images).layout();
    }

    /// Up to so many pictures of a folder, spread over all that are wanted.
    private List<Image> images(ImageFolder folder, Predicate<Entry> wanted, int most) {
        int[] own = IntStream.range(0, folder.size())
                .filter(i -> wanted.test(folder.entries().get(i)))
                .toArray();
        int count = Math.min(most, own.length);
        return IntStream.range(0, count)
                .mapToObj(i -> folder.image(own[(int) ((long) i * own.length / count)], size))
                .toList();
    }

    /// The Fréchet distance of each way's pictures to real ones, up to 3000 of these, as many from each
    /// folder.
    ///
    /// @param drawn features of every way's pictures, see [#pooled]
    /// @param real folders of real pictures
    /// @param wanted which of these count
    /// @return one a way; nothing where there are fewer than two pictures
    public List<Double> distances(List<List<NdArray>> drawn, List<ImageFolder> real, Predicate<Entry> wanted) {
        List<Image> images = new ArrayList<>();
        real.forEach(folder -> images.addAll(images(folder, wanted, MOST_REAL / real.size())));
        Map<Integer, NdArray> all = new HashMap<>();
        for (int i = 0; i < drawn.size(); i++) {
            if (!drawn.get(i).isEmpty()) {
                all.put(i, Features.joined(drawn.get(i)));
            }
        }
        if (images.size() < 2
                || all.size() < drawn.size()
                || all.values().stream().anyMatch(rows -> rows.shape().dim(0) < 2)) {
            return List.of();
        }
        NdArray reference = features.of(images).pooled();
        return IntStream.range(0, drawn.size())
                .mapToObj(i -> FrechetDistance.of(all.getOrDefault(i, reference), reference))
                .toList();
    }

    /// The features (N, 64) of pictures that [#distances] wants.
    public NdArray pooled(List<Image> pictures) {
        return features.of(pictures).pooled();
    }
}
