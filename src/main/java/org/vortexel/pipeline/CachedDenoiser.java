package org.vortexel.pipeline;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Device;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.cache.FeatureCache;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.dit.Granularity;
import org.vortexel.dit.GuidedPullBack;
import org.vortexel.dit.QueryBlur;
import org.vortexel.dit.Watch;

/// The network with the cache that is asked for. One at a time: another choice closes the network of the one before.
final class CachedDenoiser implements AutoCloseable {
    private static final int HYCA_SLOTS = 4;
    private static final int TAYLOR_ENHANCE = 2;
    /// What a gradient keeps of a picture is many times the picture.
    private static final int PICTURES_BACKWARDS = 2;

    private final DitModel model;
    private final Device device;
    private final Path ownProfile;
    private final String fingerprint;
    private final Map<String, HycaFile> profiles = new HashMap<>();
    private Caching caching = new Caching.Off();
    private Watch watch = Watch.NOTHING;
    private DitDenoiser denoiser;
    private @Nullable DitDenoiser plain;
    private @Nullable Blurred blurred;
    private long computed;
    private long forecast;

    CachedDenoiser(DitModel model, Device device, Path ownProfile, String fingerprint) {
        this.model = model;
        this.device = device;
        this.ownProfile = ownProfile;
        this.fingerprint = fingerprint;
        this.denoiser = new DitDenoiser(device, model.dit(), model.weights());
    }

    String add(HycaFile profile) {
        String hash = profile.hash();
        profiles.put(hash, profile);
        return hash;
    }

    HycaFile profile(String hash) {
        @Nullable HycaFile known = profiles.get(hash);
        if (known != null) {
            return known;
        }
        HycaFile own = HycaFile.read(ownProfile, fingerprint, model.config().network());
        if (!hash.isEmpty() && !hash.equals(own.hash())) {
            throw new IllegalArgumentException("the HyCa profile that is asked for is not that in " + ownProfile
                    + "; --hyca-profile names another");
        }
        profiles.put("", own);
        return own;
    }

    /// A choice with nothing left open.
    Caching settled(Caching choice) {
        return choice instanceof Caching.Hyca hyca
                ? new Caching.Hyca(hyca.steps(), add(profile(hyca.profile())))
                : choice;
    }

    /// The network without a cache, beside the one that is in use.
    DitDenoiser plain() {
        if (caching instanceof Caching.Off) {
            return denoiser;
        }
        DitDenoiser ready = plain == null ? with(new FeatureCache.Off(), Granularity.BLOCK) : plain;
        plain = ready;
        return ready;
    }

    /// The network with a settled choice.
    ///
    /// @param attention what of its attention will be looked at
    DitDenoiser of(Caching choice, Watch attention) {
        if (!choice.equals(caching) || attention != watch) {
            close();
            computed += denoiser.computed();
            forecast += denoiser.forecast();
            watch = attention;
            denoiser = open(choice);
            caching = choice;
        }
        return denoiser;
    }

    private DitDenoiser open(Caching choice) {
        return switch (choice) {
            case Caching.Off _ -> with(new FeatureCache.Off(), Granularity.BLOCK);
            case Caching.Hyca(Caching.Steps steps, String hash) -> {
                HycaFile profile = profile(hash);
                yield with(
                        new FeatureCache.Hyca(
                                profile.profile(), profile.pace(steps), FeatureCache.History.ANCHORED, HYCA_SLOTS),
                        profile.granularity());
            }
            case Caching.TaylorSeer(int order, Caching.Steps steps, Granularity granularity) ->
                with(new FeatureCache.TaylorSeer(order, steps.pace(), firstKept(steps)), granularity);
            case Caching.Fora(Caching.Steps steps, Granularity granularity) ->
                with(new FeatureCache.Fora(steps.pace()), granularity);
            case Caching.FoCa(Caching.Steps steps, Granularity granularity) ->
                with(new FeatureCache.FoCa(steps.pace()), granularity);
            case Caching.HiCache(int order, double scale, Caching.Steps steps, Granularity granularity) ->
                with(new FeatureCache.HiCache(order, scale, steps.pace(), firstKept(steps)), granularity);
            case Caching.TeaCache(double threshold) -> with(new FeatureCache.TeaCache(threshold), Granularity.TRUNK);
        };
    }

    /// As TaylorSeer does: of a warm-up of three or more, all but the first `warmup - 2` steps count.
    private static int firstKept(Caching.Steps steps) {
        return steps.placing() == Caching.Placing.CADENCE ? Math.max(0, steps.warmup() - TAYLOR_ENHANCE) : 0;
    }

    private DitDenoiser with(FeatureCache cache, Granularity granularity) {
        return new DitDenoiser(device, model.dit(), model.weights(), cache, granularity, watch);
    }

    /// The network with blurred queries, beside the one that is in use.
    DitDenoiser blurred(QueryBlur blur) {
        Blurred ready = blurred;
        if (ready == null || !ready.blur.equals(blur)) {
            closeBlurred();
            ready = new Blurred(blur, DitDenoiser.blurred(device, model.dit(), model.weights(), blur));
            blurred = ready;
        }
        return ready.denoiser;
    }

    private record Blurred(QueryBlur blur, DitDenoiser denoiser) {}

    private void closeBlurred() {
        if (blurred != null) {
            computed += blurred.denoiser.computed();
            blurred.denoiser.close();
            blurred = null;
        }
    }

    /// The network backwards, for a batch at the first of its steps.
    GuidedPullBack pullBack(Timesteps.Shared time, Condition.Text wanted, Condition.Text instead, double guidance) {
        return GuidedPullBack.of(
                device, model.dit(), model.weights(), time, wanted, instead, guidance, PICTURES_BACKWARDS);
    }

    /// A network of its own that computes everything and keeps the features of `steps` steps.
    DitDenoiser keeping(int steps, Granularity granularity) {
        return with(new FeatureCache.Keep(steps), granularity);
    }

    TextToImage.Work work() {
        long beside = (plain == null ? 0 : plain.computed()) + (blurred == null ? 0 : blurred.denoiser.computed());
        return new TextToImage.Work(
                computed + beside + denoiser.computed(), forecast + denoiser.forecast(), denoiser.ringBytes());
    }

    @Override
    public void close() {
        denoiser.close();
        if (plain != null) {
            computed += plain.computed();
            plain.close();
            plain = null;
        }
        closeBlurred();
    }
}
