package org.vortexel.eval;

/// How well a codec gives pictures back.
///
/// @param codec its folder
/// @param steps of decoding, 0 for a codec without steps
/// @param pictures how many were looked at
/// @param mobileNetV2Block9Fd of the decoded pictures to the originals
/// @param psnr mean over the pictures, decibels
/// @param ssim mean over the pictures
/// @param perceptualDistance mean MobileNetV2 perceptual distance
/// @param decodedPerSecond pictures that the decoder makes in a second, the median of its batches
public record CodecReport(
        String codec,
        int steps,
        int pictures,
        double mobileNetV2Block9Fd,
        double psnr,
        double ssim,
        double perceptualDistance,
        double decodedPerSecond) {}
