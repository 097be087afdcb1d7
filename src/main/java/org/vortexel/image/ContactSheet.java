package org.vortexel.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Many pictures on one sheet, in rows, with a line of text under each if wanted.
public final class ContactSheet {
    private static final Logger LOG = LoggerFactory.getLogger(ContactSheet.class);
    private static final int GAP = 6;
    private static final int FONT_SIZE = 11;
    private static final int CAPTION_HEIGHT = 16;
    private static final Color PAPER = new Color(0xE8E8E8);
    private static final Color INK = new Color(0x202020);

    private ContactSheet() {}

    /// One picture of the sheet.
    ///
    /// @param image the picture
    /// @param caption the text under it; empty for none
    public record Cell(Image image, String caption) {}

    /// The sheet of `cells`, `columns` in a row, each picture in a square of `cellSize` pixels: enlarged by the
    /// largest whole factor that fits (pixels stay sharp), or shrunk. Captions that are too long end in `…`;
    /// without any caption no room is left for them.
    ///
    /// @throws IllegalArgumentException if there is no cell, or the sheet would be larger than
    ///     [ImageFile#MAX_PIXELS]
    public static Image of(List<Cell> cells, int columns, int cellSize) {
        if (cells.isEmpty() || columns < 1 || cellSize < 1) {
            throw new IllegalArgumentException("a contact sheet needs pictures, columns and a cell size but got "
                    + cells.size() + ", " + columns + " and " + cellSize);
        }
        boolean captions = cells.stream().anyMatch(cell -> !cell.caption().isEmpty());
        long pitchX = (long) cellSize + GAP;
        long pitchY = pitchX + (captions ? CAPTION_HEIGHT : 0);
        int used = Math.min(columns, cells.size());
        int rows = (cells.size() + columns - 1) / columns;
        long width = used * pitchX + GAP;
        long height = rows * pitchY + GAP;
        if (width > ImageFile.MAX_PIXELS || height > ImageFile.MAX_PIXELS || width * height > ImageFile.MAX_PIXELS) {
            throw new IllegalArgumentException("a contact sheet of " + width + " x " + height + " pixels is too large");
        }
        BufferedImage sheet = new BufferedImage((int) width, (int) height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = sheet.createGraphics();
        graphics.setColor(PAPER);
        graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        Optional<FontMetrics> font = captions ? font(graphics) : Optional.empty();
        for (int i = 0; i < cells.size(); i++) {
            int x = (int) (GAP + i % columns * pitchX);
            int y = (int) (GAP + i / columns * pitchY);
            Image fitted = fitted(cells.get(i).image(), cellSize);
            graphics.drawImage(
                    ImageFile.buffered(fitted),
                    x + (cellSize - fitted.width()) / 2,
                    y + (cellSize - fitted.height()) / 2,
                    null);
            if (font.isPresent()) {
                String line = shortened(cells.get(i).caption(), font.get(), cellSize);
                graphics.drawString(line, x, y + cellSize + font.get().getAscent() + 1);
            }
        }
        graphics.dispose();
        return ImageFile.unpack(sheet);
    }

    private static Image fitted(Image image, int cellSize) {
        int longest = Math.max(image.width(), image.height());
        if (longest <= cellSize) {
            int factor = cellSize / longest;
            return image.resized(image.width() * factor, image.height() * factor);
        }
        return image.resized(
                Math.max(1, image.width() * cellSize / longest), Math.max(1, image.height() * cellSize / longest));
    }

    /// The font for captions, now set in `graphics`, or empty on a machine without any fonts.
    private static Optional<FontMetrics> font(Graphics2D graphics) {
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(INK);
        try {
            graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE));
            return Optional.of(graphics.getFontMetrics());
        } catch (RuntimeException e) { // what Java throws where there is no font
            LOG.warn("contact sheet without captions: Java finds no font here ({})", e.getMessage());
            return Optional.empty();
        }
    }

    private static String shortened(String caption, FontMetrics font, int width) {
        if (font.stringWidth(caption) <= width) {
            return caption;
        }
        int[] letters = caption.codePoints().toArray();
        int kept = letters.length;
        while (kept > 0 && font.stringWidth(new String(letters, 0, kept) + "…") > width) {
            kept--;
        }
        return new String(letters, 0, kept) + "…";
    }
}
