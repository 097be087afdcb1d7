package org.vortexel.data;

import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.FloatSize;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;

/// Draws an SVG document as a square picture on white: four times too large with smoothed edges, then averaged
/// down, so that thin lines survive at 32 pixels.
final class SvgDrawing {
    private static final int OVERSAMPLING = 4;

    private SvgDrawing() {}

    /// The picture of `svg`, `size` × `size` pixels; a drawing that is not square is centred.
    ///
    /// @throws IllegalArgumentException if `svg` is not a drawing
    static Image draw(String svg, int size) {
        @Nullable
        SVGDocument document = new SVGLoader()
                .load(
                        new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)),
                        null,
                        LoaderContext.createDefault());
        if (document == null) {
            throw new IllegalArgumentException("not a good SVG drawing");
        }
        int large = size * OVERSAMPLING;
        BufferedImage canvas = new BufferedImage(large, large, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = canvas.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, large, large);
        FloatSize natural = document.size();
        float scale = large / Math.max(natural.width, natural.height);
        float width = natural.width * scale;
        float height = natural.height * scale;
        document.render(
                (java.awt.Component) null,
                graphics,
                new ViewBox((large - width) / 2, (large - height) / 2, width, height));
        graphics.dispose();
        return ImageFile.unpack(canvas).resized(size, size);
    }
}
