package org.vortexel.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;

/// Pictures of a [Comparison]: alignment against diversity and against time, a point a way of drawing.
/// Ways of one family are joined in their order.
///
/// @param folder where they are written
public record ComparisonPlots(Path folder) {
    /// Draws what there are figures for.
    ///
    /// @return the files
    public List<Path> of(Comparison comparison) {
        List<Path> files = new ArrayList<>();
        String title = "model " + comparison.about().model();
        List<Comparison.Summary> all = comparison.summaries();
        if (all.stream().anyMatch(s -> s.vendi() != null)) {
            files.add(plot(all, title, "Vendi score", Comparison.Summary::vendi, "diversity.png"));
        }
        if (!all.isEmpty()) {
            files.add(plot(
                    all, title, "time, in units of " + all.getFirst().method(), Comparison.Summary::time, "time.png"));
        }
        return files;
    }

    private Path plot(
            List<Comparison.Summary> all,
            String title,
            String axis,
            Function<Comparison.Summary, @Nullable Double> x,
            String name) {
        XYChart chart = Plot.chart(title, axis, "alignment (bars: from seed to seed)");
        Map<String, List<Comparison.Summary>> families = new LinkedHashMap<>();
        for (Comparison.Summary summary : all) {
            if (x.apply(summary) != null) {
                families.computeIfAbsent(family(summary.method()), _ -> new ArrayList<>())
                        .add(summary);
            }
        }
        families.forEach((family, points) -> chart.addSeries(
                family,
                points.stream()
                        .map(x)
                        .filter(Objects::nonNull)
                        .mapToDouble(Double::doubleValue)
                        .toArray(),
                points.stream().mapToDouble(Comparison.Summary::alignment).toArray(),
                points.stream().mapToDouble(Comparison.Summary::spread).toArray()));
        return Plot.write(chart, folder.resolve(name));
    }

    /// What comes before the first blank.
    private static String family(String method) {
        int blank = method.indexOf(' ');
        return blank < 0 ? method : method.substring(0, blank);
    }
}
