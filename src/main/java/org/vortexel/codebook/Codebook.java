package org.vortexel.codebook;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.vortexel.tensor.NdArray;

/// The codes of a tokenizer.
///
/// @param codes (K, d)
public record Codebook(NdArray codes) {
    private static final double EPS = 1e-12;

    /// Checks the codes.
    ///
    /// @throws IllegalArgumentException when they are not (K, d), or one is not finite
    public Codebook {
        if (codes.shape().rank() != 2 || codes.shape().size() == 0) {
            throw new IllegalArgumentException("a codebook is (K, d) but got " + codes.shape());
        }
        int bad = codes.firstNonFinite();
        if (bad >= 0) {
            throw new IllegalArgumentException(
                    "code " + bad / codes.shape().dim(1) + " holds " + codes.data()[bad] + ", which is not finite");
        }
    }

    /// How many codes, K.
    public int count() {
        return codes.shape().dim(0);
    }

    /// Numbers of a code, d.
    public int width() {
        return codes.shape().dim(1);
    }

    /// The same codes at length 1, as a tokenizer sees them that compares directions; a code of zeros stays.
    public Codebook normalized() {
        NdArray unit = codes.copy();
        int width = width();
        for (int k = 0; k < count(); k++) {
            double square = 0;
            for (int j = k * width; j < (k + 1) * width; j++) {
                square += (double) unit.data()[j] * unit.data()[j];
            }
            double length = Math.max(Math.sqrt(square), EPS);
            for (int j = k * width; j < (k + 1) * width; j++) {
                unit.data()[j] = (float) (unit.data()[j] / length);
            }
        }
        return new Codebook(unit);
    }

    /// The Euclidean distance of two codes.
    public double distance(int a, int b) {
        float[] data = codes.data();
        int width = width();
        double square = 0;
        for (int j = 0; j < width; j++) {
            double difference = (double) data[a * width + j] - data[b * width + j];
            square += difference * difference;
        }
        return Math.sqrt(square);
    }

    /// The SHA-256 of the numbers, in hexadecimal: tells whether a tree was grown from these codes.
    public String hash() {
        ByteBuffer bytes = ByteBuffer.allocate(codes.data().length * Float.BYTES);
        bytes.asFloatBuffer().put(codes.data());
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
