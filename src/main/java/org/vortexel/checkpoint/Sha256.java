package org.vortexel.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/// Hashes that name the bits of files.
public final class Sha256 {
    private Sha256() {}

    /// The SHA-256 of files, one after the other: 64 hexadecimal digits.
    ///
    /// @throws WeightsException when one cannot be read
    public static String of(List<Path> files) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            } catch (IOException e) {
                throw WeightsException.file(file.toString(), "the file cannot be read: " + Reason.of(e), e);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
