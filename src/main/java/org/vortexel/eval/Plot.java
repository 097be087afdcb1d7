package org.vortexel.eval;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.vortexel.checkpoint.AtomicFile;

/// How plots look, and how they become files.
final class Plot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 440;

    private Plot() {}

    /// An empty chart, its legend beside it.
    static XYChart chart(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler()
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setMarkerSize(5)
                .setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    /// Writes a PNG.
    ///
    /// @return the file
    static Path write(XYChart chart, Path file) {
        BufferedImage image = BitmapEncoder.getBufferedImage(chart);
        AtomicFile.write(file, out -> ImageIO.write(image, "png", out));
        return file;
    }
}
