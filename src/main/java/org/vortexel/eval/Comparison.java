package org.vortexel.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.data.CompositionalPrompt;

/// What ways of drawing do to the pictures of some prompts: the same prompts and the same seeds for all
/// of them. The first way is what the others are compared with.
///
/// @param about what all ways share
/// @param methods the ways, in order
/// @param rows one for every prompt and way that was drawn
/// @param distances the Fréchet distance of each way's pictures to the real ones, in the order of
/// `methods`; none where something is still to be drawn
public record Comparison(About about, List<Method> methods, List<Row> rows, List<Double> distances) {
    public Comparison {
        methods = List.copyOf(methods);
        rows = List.copyOf(rows);
        distances = List.copyOf(distances);
        for (Row row : rows) {
            if (row.prompt() < 0
                    || row.prompt() >= about.prompts().size()
                    || row.scores().alignment().size() != about.pictures()) {
                throw new IllegalArgumentException("there is no prompt " + row.prompt() + " of which "
                        + about.pictures() + " pictures were scored");
            }
        }
    }

    /// What all ways share.
    ///
    /// @param model its name
    /// @param weights SHA-256 of its weights
    /// @param judge SHA-256 of the dual encoder's weights
    /// @param data the image folders that prompts and real pictures are from
    /// @param prompts what was drawn
    /// @param pictures of each prompt
    /// @param seed of the first picture of the first prompt; each further picture has the next
    /// @param sampler by name
    /// @param steps denoising steps
    /// @param guidance scale of guidance
    public record About(
            String model,
            String weights,
            String judge,
            List<String> data,
            List<CompositionalPrompt> prompts,
            int pictures,
            long seed,
            String sampler,
            int steps,
            double guidance) {
        public About {
            data = List.copyOf(data);
            prompts = List.copyOf(prompts);
        }
    }

    /// A way of drawing.
    ///
    /// @param name shown in tables; what comes before its first space is its family in plots
    /// @param options what it adds to a request, in the words of `generate`
    public record Method(String name, String options) {}

    /// The pictures of one prompt, drawn in one way.
    ///
    /// @param method its name
    /// @param prompt its place among the prompts
    /// @param seconds for a picture
    /// @param evaluations of the network for a picture; guidance takes two a step
    /// @param scores of the pictures
    public record Row(String method, int prompt, double seconds, double evaluations, PromptScorer.Scores scores) {}

    /// What is found of one way over all prompts.
    ///
    /// @param method its name
    /// @param alignment mean over prompts
    /// @param spread standard deviation of the mean alignment from seed to seed
    /// @param right mean share of pictures that no foil fits better
    /// @param attributes mean share of attributes that are right
    /// @param vendi mean over prompts
    /// @param similarity mean over prompts
    /// @param coverage mean over the prompts that have variants
    /// @param mobileNetV2Block9Fd see [FrechetDistance]
    /// @param evaluations of the network for a picture
    /// @param seconds for a picture, the median over prompts
    /// @param time median over prompts of the time in units of the first way's
    /// @param alignmentTest against the first way, prompt by prompt; none for the first way itself
    /// @param attributesTest the same of attributes
    /// @param rightTest the same of pictures that no foil fits better
    /// @param vendiTest the same of Vendi scores
    /// @param similarityTest the same of similarities
    public record Summary(
            String method,
            double alignment,
            double spread,
            double right,
            @Nullable Double attributes,
            @Nullable Double vendi,
            @Nullable Double similarity,
            @Nullable Double coverage,
            @Nullable Double mobileNetV2Block9Fd,
            double evaluations,
            double seconds,
            double time,
            @Nullable PairedTest alignmentTest,
            @Nullable PairedTest attributesTest,
            @Nullable PairedTest rightTest,
            @Nullable PairedTest vendiTest,
            @Nullable PairedTest similarityTest) {}

    /// This comparison with a row, in place of an earlier one of the same pictures, and no distances.
    public Comparison with(Row row) {
        List<Row> all = new ArrayList<>(rows);
        all.removeIf(old -> old.method().equals(row.method()) && old.prompt() == row.prompt());
        all.add(row);
        return new Comparison(about, methods, all, List.of());
    }

    /// This comparison with its distances.
    public Comparison withDistances(List<Double> found) {
        return new Comparison(about, methods, rows, found);
    }

    /// The rows of an earlier comparison, taken over into this one.
    ///
    /// @throws IllegalArgumentException when it is about other pictures
    public Comparison resumed(Comparison before) {
        boolean same = about.equals(before.about)
                && before.methods.stream()
                        .allMatch(old -> methods.stream()
                                .noneMatch(m -> m.name().equals(old.name())
                                        && !m.options().equals(old.options())));
        if (!same) {
            throw new IllegalArgumentException("the folder holds figures of other pictures; give another one");
        }
        List<Row> kept = before.rows.stream()
                .filter(row -> methods.stream().anyMatch(m -> m.name().equals(row.method())))
                .toList();
        return new Comparison(about, methods, kept, List.of());
    }

    /// The row of a way and a prompt, if it is there.
    public Optional<Row> find(String method, int prompt) {
        return rows.stream()
                .filter(row -> row.method().equals(method) && row.prompt() == prompt)
                .findFirst();
    }

    /// What is found of every way. Prompts that some way lacks are left out.
    public List<Summary> summaries() {
        return summaries(_ -> true);
    }

    /// The same for some of the prompts.
    private List<Summary> summaries(Predicate<CompositionalPrompt> which) {
        int[] done = IntStream.range(0, about.prompts().size())
                .filter(p -> which.test(about.prompts().get(p)))
                .filter(p -> methods.stream().allMatch(m -> find(m.name(), p).isPresent()))
                .toArray();
        List<Summary> all = new ArrayList<>();
        if (done.length == 0) {
            return all;
        }
        List<Row> first = rows(methods.getFirst(), done);
        for (int i = 0; i < methods.size(); i++) {
            List<Row> own = rows(methods.get(i), done);
            double[] seconds = own.stream().mapToDouble(Row::seconds).toArray();
            double[] ratios = IntStream.range(0, done.length)
                    .mapToDouble(p -> seconds[p] / first.get(p).seconds())
                    .toArray();
            boolean rival = i > 0;
            all.add(new Summary(
                    methods.get(i).name(),
                    mean(numbers(own, r -> r.scores().meanAlignment())),
                    spread(own),
                    mean(numbers(own, r -> r.scores().right())),
                    meanOrNone(own, r -> r.scores().attributes()),
                    meanOrNone(own, r -> r.scores().vendi()),
                    meanOrNone(own, r -> r.scores().similarity()),
                    meanOrNone(own, r -> r.scores().coverage()),
                    i < distances.size() ? distances.get(i) : null,
                    mean(numbers(own, Row::evaluations)),
                    median(seconds),
                    median(ratios),
                    rival ? test(own, first, r -> r.scores().meanAlignment()) : null,
                    rival ? test(own, first, r -> r.scores().attributes()) : null,
                    rival ? test(own, first, r -> r.scores().right()) : null,
                    rival ? test(own, first, r -> r.scores().vendi()) : null,
                    rival ? test(own, first, r -> r.scores().similarity()) : null));
        }
        return all;
    }

    private List<Row> rows(Method method, int... prompts) {
        return IntStream.of(prompts)
                .mapToObj(p -> find(method.name(), p).orElseThrow())
                .toList();
    }

    private static double[] numbers(List<Row> rows, Function<Row, @Nullable Double> of) {
        return rows.stream()
                .map(of)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static @Nullable Double meanOrNone(List<Row> rows, Function<Row, @Nullable Double> of) {
        double[] numbers = numbers(rows, of);
        return numbers.length == 0 ? null : mean(numbers);
    }

    private static @Nullable PairedTest test(List<Row> a, List<Row> b, Function<Row, @Nullable Double> of) {
        double[] own = numbers(a, of);
        return own.length == 0 ? null : PairedTest.of(own, numbers(b, of));
    }

    /// From seed to seed: picture `i` of every prompt together is one draw.
    private static double spread(List<Row> rows) {
        int count = rows.getFirst().scores().alignment().size();
        if (count < 2) {
            return 0;
        }
        double[] draws = IntStream.range(0, count)
                .mapToDouble(
                        i -> mean(numbers(rows, row -> row.scores().alignment().get(i))))
                .toArray();
        double mean = mean(draws);
        return Math.sqrt(Arrays.stream(draws).map(x -> (x - mean) * (x - mean)).sum() / (count - 1));
    }

    private static double mean(double... numbers) {
        return Arrays.stream(numbers).average().orElse(0);
    }

    private static double median(double... numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// The summaries as a table in Markdown.
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| method | alignment | ± seeds | p | right | p | attributes | p | Vendi | p | similarity | p | coverage"
                        + " | FD | evaluations | time |");
        lines.add("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        for (Summary s : summaries()) {
            lines.add("| " + s.method + " | "
                    + String.join(
                            " | ",
                            text("%.4f", s.alignment),
                            text("%.4f", s.spread),
                            p(s.alignmentTest),
                            text("%.3f", s.right),
                            p(s.rightTest),
                            text("%.3f", s.attributes),
                            p(s.attributesTest),
                            text("%.3f", s.vendi),
                            p(s.vendiTest),
                            text("%.4f", s.similarity),
                            p(s.similarityTest),
                            text("%.3f", s.coverage),
                            text("%.1f", s.mobileNetV2Block9Fd),
                            text("%.1f", s.evaluations),
                            text("%.3f", s.time))
                    + " |");
        }
        return lines;
    }

    /// Alignment by kinds of prompts and whether they were seen, as a table in Markdown.
    public List<String> tableOfKinds() {
        List<String> lines = new ArrayList<>();
        lines.add("| prompts | method | alignment | p | right | p | attributes | p |");
        lines.add("|---|---|---|---|---|---|---|---|");
        for (CompositionalPrompt.Kind kind : CompositionalPrompt.Kind.values()) {
            for (boolean seen : new boolean[] {true, false}) {
                for (Summary s : summaries(prompt -> prompt.kind() == kind && prompt.seen() == seen)) {
                    lines.add("| " + kind.name().toLowerCase(Locale.ROOT) + (seen ? "" : ", never seen") + " | "
                            + s.method + " | "
                            + String.join(
                                    " | ",
                                    text("%.4f", s.alignment),
                                    p(s.alignmentTest),
                                    text("%.3f", s.right),
                                    p(s.rightTest),
                                    text("%.3f", s.attributes),
                                    p(s.attributesTest))
                            + " |");
                }
            }
        }
        return lines;
    }

    private static String text(String format, @Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, format, value);
    }

    private static String p(@Nullable PairedTest test) {
        return test == null ? "-" : String.format(Locale.ROOT, test.p() < 0.001 ? "%.0e" : "%.3f", test.p());
    }

    /// Every row as comma-separated values, one a line, with a head.
    public List<String> csv() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "method,kind,seen,style,prompt,seconds,evaluations,alignment,right,attributes,vendi,similarity,coverage");
        for (Row row : rows) {
            CompositionalPrompt prompt = about.prompts().get(row.prompt());
            lines.add(String.join(
                    ",",
                    quoted(row.method()),
                    prompt.kind().name().toLowerCase(Locale.ROOT),
                    Boolean.toString(prompt.seen()),
                    quoted(prompt.style()),
                    quoted(prompt.text()),
                    Double.toString(row.seconds()),
                    Double.toString(row.evaluations()),
                    Double.toString(row.scores().meanAlignment()),
                    Double.toString(row.scores().right()),
                    Objects.toString(row.scores().attributes(), ""),
                    Objects.toString(row.scores().vendi(), ""),
                    Objects.toString(row.scores().similarity(), ""),
                    Objects.toString(row.scores().coverage(), "")));
        }
        return lines;
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\"", "\"\"") + "\"";
    }
}
