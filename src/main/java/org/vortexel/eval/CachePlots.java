package org.vortexel.eval;

import java.awt.Color;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.vortexel.diffusion.cache.HycaProfile;
import org.vortexel.diffusion.cache.Pace;
import org.vortexel.diffusion.cache.Selection;
import org.vortexel.diffusion.cache.Solver;
import org.vortexel.tensor.NdArray;

/// Pictures of what feature caches do.
///
/// @param folder where they are written
public record CachePlots(Path folder) {
    private static final int SHOWN = 24;
    private static final int SLOTS = 4;
    private static final List<Color> COLOURS = List.of(
            new Color(0x1f77b4), new Color(0xd62728), new Color(0x2ca02c), new Color(0x9467bd), new Color(0xff7f0e));

    /// Quality against speed-up: PSNR and perceptual distance over the factor in evaluations of blocks.
    ///
    /// @return the files
    public List<Path> quality(CacheReport report) {
        return List.of(
                quality(report, "psnr", "PSNR to uncached, dB", c -> c.psnr() == null ? 0 : c.psnr(), false),
                quality(report, "perceptual", "perceptual distance", CacheReport.Case::perceptualDistance, true));
    }

    private Path quality(
            CacheReport report,
            String name,
            String axis,
            ToDoubleFunction<CacheReport.Case> value,
            boolean logarithmic) {
        XYChart chart = Plot.chart("model " + report.model(), "times fewer block evaluations", axis);
        chart.getStyler().setYAxisLogarithmic(logarithmic);
        Map<String, List<CacheReport.Case>> methods = new LinkedHashMap<>();
        report.cases().stream()
                .filter(c -> c.interval() > 0)
                .forEach(c -> methods.computeIfAbsent(c.method(), _ -> new ArrayList<>())
                        .add(c));
        methods.forEach((method, cases) -> {
            cases.sort(java.util.Comparator.comparingDouble(CacheReport.Case::fewerBlocks));
            chart.addSeries(
                    method,
                    cases.stream().mapToDouble(CacheReport.Case::fewerBlocks).toArray(),
                    cases.stream().mapToDouble(value).toArray());
        });
        return Plot.write(chart, folder.resolve("cache-" + name + ".png"));
    }

    /// How channels move and how far solvers err, at the first point of a profile.
    ///
    /// @param features (S, L, D) for every point
    /// @param pace which steps a run computes
    /// @return the files
    public List<Path> features(HycaProfile profile, Map<String, NdArray> features, Pace pace) {
        HycaProfile.Point point = profile.points().getFirst();
        NdArray all = features.get(point.name());
        if (all == null) {
            throw new IllegalArgumentException("there are no features of " + point.name());
        }
        return List.of(trajectories(point, all), horizons(profile.probe().pool(), point.name(), all, pace));
    }

    /// Channels of the first token, each over its own largest size.
    private Path trajectories(HycaProfile.Point point, NdArray all) {
        int steps = all.shape().dim(0);
        int tokens = all.shape().dim(1);
        int channels = all.shape().dim(2);
        XYChart chart = Plot.chart("channels of " + point.name() + ", one token", "step", "value / largest value");
        double[] x = IntStream.range(0, steps).asDoubleStream().toArray();
        for (int c = 0; c < point.solvers().size(); c++) {
            int shown = 0;
            for (int d = 0; d < channels && shown < SHOWN; d++) {
                if (point.labels().get(d) != c) {
                    continue;
                }
                double[] y = new double[steps];
                double largest = 1e-12;
                for (int s = 0; s < steps; s++) {
                    y[s] = all.data()[s * tokens * channels + d];
                    largest = Math.max(largest, Math.abs(y[s]));
                }
                for (int s = 0; s < steps; s++) {
                    y[s] /= largest;
                }
                XYSeries series =
                        chart.addSeries("cluster " + c + ", " + point.solvers().get(c) + ", channel " + d, x, y);
                series.setMarker(SeriesMarkers.NONE).setLineColor(COLOURS.get(c % COLOURS.size()));
                series.setLineWidth(0.8f).setShowInLegend(shown == 0);
                series.setLabel("cluster " + c + ": " + point.solvers().get(c));
                shown++;
            }
        }
        return Plot.write(chart, folder.resolve("cache-trajectories.png"));
    }

    /// The relative error of every solver by how far ahead it forecasts.
    private Path horizons(List<String> pool, String point, NdArray all, Pace pace) {
        XYChart chart = Plot.chart("forecasts of " + point, "steps ahead of the newest computed one", "relative error");
        int size = all.shape().dim(1) * all.shape().dim(2);
        Selection along = Selection.along(pace, all.shape().dim(0), SLOTS);
        for (String name : pool) {
            Map<Integer, double[]> sums = new TreeMap<>();
            for (Selection.Forecast forecast : along.forecasts()) {
                double[] weights = Selection.weights(forecast, Solver.named(name));
                double[] sum =
                        sums.computeIfAbsent(forecast.at() - forecast.from().getFirst(), _ -> new double[2]);
                for (int i = 0; i < size; i++) {
                    double right = all.data()[forecast.at() * size + i];
                    double error = -right;
                    for (int j = 0; j < weights.length; j++) {
                        error += weights[j] * all.data()[forecast.from().get(j) * size + i];
                    }
                    sum[0] += error * error;
                    sum[1] += right * right;
                }
            }
            chart.addSeries(
                    name,
                    sums.keySet().stream().mapToDouble(Integer::doubleValue).toArray(),
                    sums.values().stream()
                            .mapToDouble(s -> Math.sqrt(s[0] / s[1]))
                            .toArray());
        }
        return Plot.write(chart, folder.resolve("cache-horizons.png"));
    }
}
