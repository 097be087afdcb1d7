package org.vortexel.train;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.vortexel.checkpoint.AtomicFile;

/// The loss over the steps, as a picture.
final class LossPlot {
    private LossPlot() {}

    /// Writes a PNG; nothing when there are no lines yet.
    static void draw(List<MetricsLog.Line> lines, Path file) {
        if (lines.isEmpty()) {
            return;
        }
        XYChart chart = new XYChartBuilder()
                .width(800)
                .height(450)
                .title("training loss")
                .xAxisTitle("step")
                .yAxisTitle("loss")
                .build();
        chart.getStyler()
                .setYAxisLogarithmic(lines.stream().allMatch(line -> line.loss() > 0))
                .setLegendVisible(false);
        double[] steps = lines.stream().mapToDouble(MetricsLog.Line::step).toArray();
        double[] losses = lines.stream().mapToDouble(MetricsLog.Line::loss).toArray();
        chart.addSeries("loss", steps, losses).setMarker(SeriesMarkers.NONE).setLineColor(Color.BLUE);
        BufferedImage image = BitmapEncoder.getBufferedImage(chart);
        AtomicFile.write(file, out -> ImageIO.write(image, "png", out));
    }
}
