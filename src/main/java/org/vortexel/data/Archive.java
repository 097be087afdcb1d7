package org.vortexel.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// Reads a few named files out of a `.tgz` archive into memory. Nothing is ever unpacked onto the disk, so a path
/// in the archive cannot lead anywhere; sizes are bounded before memory is taken.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format": 512-byte headers, name at 0 (100), size at 124 (12,
/// octal), prefix at 345 (155). Names longer than that (pax and GNU extensions) are skipped; no file wanted here
/// has one.
public final class Archive {
    private static final int BLOCK = 512;
    private static final long MAX_FILE_BYTES = 128L << 20;
    private static final long MAX_ARCHIVE_BYTES = 1L << 30;

    private Archive() {}

    /// The bytes of the `wanted` files (paths inside the archive), in that order.
    ///
    /// @throws IllegalArgumentException if one is missing, or the archive is damaged or absurdly large
    public static List<byte[]> read(Path archive, String... wanted) {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
            return read(archive.toString(), in, List.of(wanted));
        } catch (IOException e) {
            throw new IllegalArgumentException(archive + ": not a good archive (" + e.getMessage() + ")", e);
        }
    }

    /// The bytes of the files called `names` in a stream of tar, in that order.
    ///
    /// @param archive for messages
    static List<byte[]> read(String archive, InputStream in, List<String> names) {
        Map<String, byte[]> found = new HashMap<>();
        try {
            long total = 0;
            byte[] header = new byte[BLOCK];
            while (found.size() < names.size() && in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
                long size = octal(header, 124, 12);
                long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
                total += BLOCK + padded;
                if (size > MAX_FILE_BYTES || total > MAX_ARCHIVE_BYTES) {
                    throw new IOException("it claims more data than this program reads");
                }
                String name = name(header);
                boolean file = header[156] == '0' || header[156] == 0;
                if (file && names.contains(name)) {
                    byte[] bytes = in.readNBytes((int) size);
                    if (bytes.length < size) {
                        throw new EOFException("it is cut short");
                    }
                    found.put(name, bytes);
                    in.skipNBytes(padded - size);
                } else {
                    in.skipNBytes(padded);
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(archive + ": not a good archive (" + e.getMessage() + ")", e);
        }
        return names.stream()
                .map(name -> required(archive, name, found.get(name)))
                .toList();
    }

    private static byte[] required(String archive, String name, byte @Nullable [] content) {
        if (content == null) {
            throw new IllegalArgumentException(archive + ": there is no " + name + " in it");
        }
        return content;
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        String prefix = text(header, 345, 155);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] header, int begin, int length) {
        int end = begin;
        while (end < begin + length && header[end] != 0) {
            end++;
        }
        return new String(header, begin, end - begin, StandardCharsets.UTF_8);
    }

    private static long octal(byte[] header, int begin, int length) throws IOException {
        long value = 0;
        for (int i = begin; i < begin + length; i++) {
            byte digit = header[i];
            if (digit >= '0' && digit <= '7') {
                value = value * 8 + digit - '0';
            } else if (digit != 0 && digit != ' ') {
                throw new IOException("a file in it has no readable size");
            }
        }
        return value;
    }
}
