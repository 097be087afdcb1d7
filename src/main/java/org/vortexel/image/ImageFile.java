package org.vortexel.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.vortexel.checkpoint.AtomicFile;
import org.vortexel.checkpoint.Reason;

/// Pictures in files: PNG out, with the recipe that made the picture inside it; PNG, JPEG, GIF, BMP or TIFF in.
///
/// The recipe is a JSON text in an uncompressed `iTXt` chunk with the keyword `vortexel`; the pixels do not depend
/// on it. Reading checks the size in the file's header before anything is decoded, and lays transparent pixels on
/// white.
///
/// Source: PNG specification (third edition), sections 5.2 (chunks), 11.3.3.4 (iTXt), 11.3.3.2 (tEXt).
public final class ImageFile {
    /// The keyword of the text chunk that holds the recipe.
    public static final String KEYWORD = "vortexel";

    /// The longest side that is read, in pixels.
    public static final int MAX_SIDE = 1 << 14;

    /// The most pixels that are read.
    public static final long MAX_PIXELS = 1L << 26;

    private static final int MAX_RECIPE_BYTES = 1 << 20;
    private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int ITXT = 0x69545874;
    private static final int TEXT = 0x74455874;
    private static final int IEND = 0x49454E44;
    private static final String PNG_METADATA = "javax_imageio_png_1.0";

    private ImageFile() {}

    /// Writes `image` to `file` as PNG, whole or not at all ([AtomicFile]).
    ///
    /// @throws IllegalArgumentException if `file` is a folder or its folder is missing
    /// @throws UncheckedIOException if the disk refuses
    public static void writePng(Path file, Image image) {
        byte[] bytes = encodePng(image, Optional.empty());
        AtomicFile.write(file, out -> out.write(bytes));
    }

    /// Like [#writePng(Path, Image)], with the recipe (a JSON text) inside.
    public static void writePng(Path file, Image image, String recipe) {
        byte[] bytes = encodePng(image, Optional.of(recipe));
        AtomicFile.write(file, out -> out.write(bytes));
    }

    /// The bytes of the PNG file of `image`, with the recipe inside if there is one.
    public static byte[] encodePng(Image image, Optional<String> recipe) {
        recipe.ifPresent(text -> {
            if (text.getBytes(StandardCharsets.UTF_8).length > MAX_RECIPE_BYTES) {
                throw new IllegalArgumentException(
                        "a recipe of more than " + MAX_RECIPE_BYTES + " bytes does not fit a PNG");
            }
        });
        BufferedImage pixels = buffered(image);
        ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(pixels), null);
            if (recipe.isPresent()) {
                IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
                entry.setAttribute("keyword", KEYWORD);
                entry.setAttribute("compressionFlag", "FALSE");
                entry.setAttribute("compressionMethod", "0");
                entry.setAttribute("languageTag", "");
                entry.setAttribute("translatedKeyword", "");
                entry.setAttribute("text", recipe.get());
                IIOMetadataNode texts = new IIOMetadataNode("iTXt");
                texts.appendChild(entry);
                IIOMetadataNode root = new IIOMetadataNode(PNG_METADATA);
                root.appendChild(texts);
                metadata.mergeTree(PNG_METADATA, root);
            }
            writer.setOutput(out);
            writer.write(new IIOImage(pixels, null, metadata));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode a PNG: " + e.getMessage(), e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /// Reads the picture in `file`.
    ///
    /// @throws IllegalArgumentException if the file is missing, is not a picture, is damaged, or its header
    /// claims
    ///     more than [#MAX_SIDE] a side or [#MAX_PIXELS]
    public static Image read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": there is no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return decode(file.toString(), in);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /// The picture in the bytes of a file.
    ///
    /// @param name for messages
    /// @throws IllegalArgumentException as [#read]
    public static Image decode(String name, byte[] bytes) {
        return decode(name, new ByteArrayInputStream(bytes));
    }

    private static Image decode(String name, InputStream bytes) {
        try (ImageInputStream in = new MemoryCacheImageInputStream(bytes)) {
            return decode(in);
        } catch (IOException | RuntimeException e) { // decoders throw many kinds at damaged files
            throw unreadable(name, e);
        }
    }

    private static IllegalArgumentException unreadable(String name, Exception e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        return new IllegalArgumentException(name + ": the picture cannot be read (" + reason + ")", e);
    }

    private static Image decode(ImageInputStream in) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new IOException("it is not a PNG, JPEG, GIF, BMP or TIFF file");
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(in, true, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            if (width > MAX_SIDE || height > MAX_SIDE || (long) width * height > MAX_PIXELS) {
                throw new IOException("its " + width + " x " + height + " pixels are more than " + MAX_SIDE
                        + " a side or " + MAX_PIXELS + " in all");
            }
            return unpack(reader.read(0));
        } finally {
            reader.dispose();
        }
    }

    /// The recipe inside a PNG file, or empty if it carries none.
    ///
    /// @throws IllegalArgumentException if the file is missing, is not a PNG, or is damaged
    public static Optional<String> recipe(Path file) {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            if (in.readLong() != PNG_SIGNATURE) {
                throw new IllegalArgumentException(file + ": not a PNG file");
            }
            return recipe(in);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": there is no such file", e);
        } catch (EOFException e) {
            throw new IllegalArgumentException(file + ": not a PNG file, or cut short", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read (" + Reason.of(e) + ")", e);
        }
    }

    private static Optional<String> recipe(DataInputStream in) throws IOException {
        byte[] keyword = (KEYWORD + "\0").getBytes(StandardCharsets.ISO_8859_1);
        while (true) {
            int length = in.readInt();
            int type = in.readInt();
            if (length < 0) {
                throw new IOException("a chunk with a negative length");
            }
            if (type == IEND) {
                return Optional.empty();
            }
            if ((type == ITXT || type == TEXT) && length <= MAX_RECIPE_BYTES + 64) {
                byte[] chunk = new byte[length];
                in.readFully(chunk);
                if (length >= keyword.length
                        && ByteBuffer.wrap(chunk, 0, keyword.length).equals(ByteBuffer.wrap(keyword))) {
                    return Optional.of(
                            type == TEXT ? latin(chunk, keyword.length) : international(chunk, keyword.length));
                }
            } else {
                in.skipNBytes(length);
            }
            in.skipNBytes(Integer.BYTES); // the checksum
        }
    }

    private static String latin(byte[] chunk, int begin) {
        return new String(chunk, begin, chunk.length - begin, StandardCharsets.ISO_8859_1);
    }

    /// After the keyword: compression flag, compression method, language tag, 0, translated keyword, 0, UTF-8
    /// text.
    private static String international(byte[] chunk, int begin) throws IOException {
        if (chunk.length < begin + 2 || chunk[begin] != 0) {
            throw new IOException("its recipe is compressed");
        }
        int at = begin + 2;
        for (int zeros = 0; zeros < 2; at++) {
            if (at >= chunk.length) {
                throw new IOException("its recipe is cut short");
            }
            zeros += chunk[at] == 0 ? 1 : 0;
        }
        return new String(chunk, at, chunk.length - at, StandardCharsets.UTF_8);
    }

    /// The picture of a `java.awt` image: grey levels as they are stored, transparent pixels laid on white.
    public static Image unpack(BufferedImage source) {
        int width = source.getWidth();
        int height = source.getHeight();
        byte[] rgb = new byte[width * height * 3];
        ColorModel colours = source.getColorModel();
        if (colours.getNumColorComponents() == 1 && !colours.hasAlpha() && !(colours instanceof IndexColorModel)) {
            // Java takes a grey raster for linear light and would brighten it.
            Raster raster = source.getRaster();
            int most = (1 << colours.getComponentSize(0)) - 1;
            for (int i = 0; i < width * height; i++) {
                byte grey = (byte) ((raster.getSample(i % width, i / width, 0) * 255L + most / 2) / most);
                rgb[3 * i] = grey;
                rgb[3 * i + 1] = grey;
                rgb[3 * i + 2] = grey;
            }
            return Image.of(width, height, rgb);
        }
        BufferedImage flat = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = flat.createGraphics();
        graphics.drawImage(source, 0, 0, Color.WHITE, null);
        graphics.dispose();
        int[] packed = flat.getRGB(0, 0, width, height, null, 0, width);
        for (int i = 0; i < packed.length; i++) {
            rgb[3 * i] = (byte) (packed[i] >> 16);
            rgb[3 * i + 1] = (byte) (packed[i] >> 8);
            rgb[3 * i + 2] = (byte) packed[i];
        }
        return Image.of(width, height, rgb);
    }

    /// The `java.awt` image of a picture.
    public static BufferedImage buffered(Image image) {
        BufferedImage result = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        int[] packed = new int[image.width() * image.height()];
        for (int i = 0; i < packed.length; i++) {
            packed[i] = (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | (rgb[3 * i + 2] & 0xFF);
        }
        result.setRGB(0, 0, image.width(), image.height(), packed, 0, image.width());
        return result;
    }
}
