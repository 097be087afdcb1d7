package org.vortexel.pipeline;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.vortexel.checkpoint.Json;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.diffusion.cache.HycaProfile;
import org.vortexel.diffusion.cache.Pace;
import org.vortexel.diffusion.cache.Placement;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.Granularity;

/// HyCa's profile as it lies beside a model, `hyca.json`, with what it was made from and how far it can be trusted.
///
/// @param weights SHA-256 of the model's weights
/// @param prompts what was drawn
/// @param seed of the first picture
/// @param steps of the run
/// @param interval the interval that solvers were chosen for
/// @param selection what they were chosen by
/// @param profile clusters and solvers
/// @param placements which steps of such a run to compute, for several intervals
/// @param agreement how far the clusters of different prompts agree, one entry a point
public record HycaFile(
        String weights,
        List<String> prompts,
        long seed,
        int steps,
        int interval,
        Choice selection,
        HycaProfile profile,
        List<Placement> placements,
        List<Agreement> agreement) {
    /// Its name in the folder of a model.
    public static final String NAME = "hyca.json";

    public HycaFile {
        prompts = List.copyOf(prompts);
        placements = List.copyOf(placements);
        agreement = List.copyOf(agreement);
        for (Placement placement : placements) {
            if (placement.computed().getLast() >= steps) {
                throw new IllegalArgumentException(
                        "a run of " + steps + " steps cannot compute all of " + placement.computed());
            }
        }
        if (profile.points().isEmpty()) {
            throw new IllegalArgumentException("a profile has at least one point");
        }
    }

    /// What solvers are chosen by.
    public enum Choice {
        /// The error of the next step, as in the paper.
        NEXT_STEP,
        /// The errors of the steps up to the next computed one.
        MATCHED,
        /// The errors summed between computed steps, along the whole run.
        RUN
    }

    /// Adjusted Rand indices between the clusters of single prompts.
    ///
    /// @param point the point's name
    /// @param least of all pairs of prompts
    /// @param mean of all pairs
    /// @param laterSteps the mean over prompts of that between the profile's steps and as many right after them
    public record Agreement(String point, double least, double mean, double laterSteps) {}

    /// Reads and checks a profile.
    ///
    /// @param weights SHA-256 of the weights of the model that it is wanted for
    /// @throws WeightsException when there is none, it is damaged or it was made for another model
    public static HycaFile read(Path file, String weights, DitConfig network) {
        if (!Files.isRegularFile(file)) {
            throw WeightsException.file(
                    file.toString(), "there is no HyCa profile here; 'vortexel prepare hyca' makes one");
        }
        HycaFile read = Json.read(file, HycaFile.class);
        if (!read.weights.equals(weights)) {
            throw WeightsException.file(
                    file.toString(),
                    "this HyCa profile was made for other weights; 'vortexel prepare hyca' makes a new one");
        }
        try {
            read.granularity();
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(
                    file.toString(), "there is no granularity '" + read.profile.granularity() + "'", e);
        }
        for (HycaProfile.Point point : read.profile.points()) {
            if (point.labels().size() != network.width()) {
                throw WeightsException.file(
                        file.toString(),
                        "the point " + point.name() + " has " + point.labels().size() + " channels but the network has "
                                + network.width());
            }
        }
        return read;
    }

    /// What the points are.
    public Granularity granularity() {
        return Granularity.valueOf(profile.granularity().toUpperCase(Locale.ROOT));
    }

    /// The steps that are computed.
    Pace pace(Caching.Steps asked) {
        return asked.pace(steps, placements);
    }

    /// SHA-256 of all of this, 64 hexadecimal digits: recipes name it by this.
    public String hash() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(Json.text(this).getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
