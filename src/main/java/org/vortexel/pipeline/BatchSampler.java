package org.vortexel.pipeline;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.vortexel.data.CaptionFormat;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.TimeGrid;
import org.vortexel.diffusion.asyn.Asynchrony;
import org.vortexel.diffusion.asyn.Item;
import org.vortexel.diffusion.asyn.MaskSource;
import org.vortexel.diffusion.asyn.Masks;
import org.vortexel.diffusion.noise.Cads;
import org.vortexel.diffusion.noise.ContrastiveLoss;
import org.vortexel.diffusion.noise.Farthest;
import org.vortexel.diffusion.noise.NoiseRefiner;
import org.vortexel.diffusion.noise.ParticleGuidance;
import org.vortexel.diffusion.noise.Windows;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;
import org.vortexel.text.TextEncoder;

/// The way of one batch from noise to what the network draws.
///
/// @param model what is asked
/// @param encoder reads the prompts
/// @param denoisers the network, with and without caches
record BatchSampler(DitModel model, TextEncoder encoder, CachedDenoiser denoisers) {
    private static final RectifiedFlow SCHEDULE = RectifiedFlow.standard();
    private static final double LEAST_KEPT = 0.6;
    private static final double MOST_KEPT = 0.9;

    // Streams of a picture's seed: 0 is where it begins, those after it are for samplers that add noise on the way.
    private static final long CAPTION_NOISE = 1L << 32;
    private static final long CANDIDATES = 2L << 32;

    /// Recipes that are sampled alike, and what they have in common.
    ///
    /// @param wanted what they shall show, one a recipe
    /// @param instead what guidance goes away from, as often
    /// @param grid the times that all places share
    private record Batch(
            List<Recipe> recipes, Condition.Text wanted, Condition.Text instead, Sampler sampler, TimeGrid grid) {
        Recipe first() {
            return recipes.getFirst();
        }

        int size() {
            return recipes.size();
        }
    }

    /// The steps of some recipes that are sampled alike.
    Iterator<DiffusionStep> loop(List<Recipe> recipes) {
        Recipe first = recipes.getFirst();
        return loop(recipes, denoisers.of(first.caching(), isWatched(first)));
    }

    /// The same by another network.
    Iterator<DiffusionStep> loop(List<Recipe> recipes, DitDenoiser asked) {
        Recipe first = recipes.getFirst();
        Sampler sampler = Sampler.named(first.sampler());
        TimeGrid grid = sampler.timesteps(SCHEDULE, first.steps());
        Batch batch = new Batch(
                recipes,
                encode(recipes.stream().map(BatchSampler::caption).toList()),
                encode(Collections.nCopies(recipes.size(), first.negative())),
                sampler,
                grid);
        NdArray start = scaled(begin(batch), sampler.priorScale(SCHEDULE, grid));
        Iterable<Interval> way = switch (first.asyn()) {
            case Asynchronous.Off _ -> grid;
            case Asynchronous.On on -> way(on, batch, asked, start);
        };
        return along(way, batch, asked, start);
    }

    private Iterator<DiffusionStep> along(Iterable<Interval> way, Batch batch, DitDenoiser asked, NdArray start) {
        DiffusionLoop loop = new DiffusionLoop(SCHEDULE, prediction(), Clip.NONE, batch.sampler());
        asked.begin(batch.grid().count());
        return loop.along(way, guided(batch, asked), start, index -> noise(batch.recipes(), 1L + index))
                .iterator();
    }

    private Prediction prediction() {
        return model.config().prediction();
    }

    private static boolean isWatched(Recipe recipe) {
        return recipe.asyn() instanceof Asynchronous.On on && on.looks();
    }

    /// The network as the sampler sees it.
    private GuidedDenoiser guided(Batch batch, DitDenoiser asked) {
        Condition.Text wanted = batch.wanted();
        Guidance guidance = Guidance.of(batch.first().guidance());
        GuidedDenoiser plain = guidance.guide(asked, SCHEDULE, wanted, batch.instead());
        return switch (batch.first().diverse()) {
            case Diversity.Cads(double strength, var _) -> {
                Cads cads = new Cads(LEAST_KEPT, MOST_KEPT, strength, 1, true);
                yield (x, timesteps) -> {
                    double kept = cads.kept(timesteps.max() / SCHEDULE.steps());
                    NdArray fresh = draw(
                            batch.recipes(),
                            CAPTION_NOISE + (long) timesteps.max(),
                            wanted.states().shape().with(0, 1));
                    Condition.Text noisy = new Condition.Text(
                            cads.corrupted(wanted.states(), kept, fresh), wanted.mask(), wanted.pooled());
                    return guidance.guide(asked, SCHEDULE, noisy, batch.instead())
                            .predict(x, timesteps);
                };
            }
            case Diversity.Particles(double strength, var _) ->
                new ParticleGuidance(strength).guide(plain, SCHEDULE, prediction());
            case Diversity.Off _, Diversity.Cno _, Diversity.Coupled _, Diversity.BestOf _ -> plain;
        };
    }

    private static String caption(Recipe recipe) {
        return CaptionFormat.caption(recipe.prompt(), recipe.style());
    }

    /// Unit noise, refined where pictures of a group shall differ.
    private NdArray begin(Batch batch) {
        NdArray noise = noise(batch.recipes(), 0);
        return switch (batch.first().diverse()) {
            case Diversity.Off _, Diversity.Cads _, Diversity.Particles _ -> noise;
            case Diversity.Coupled(NoiseRefiner.Coupling coupling, var _) ->
                new NoiseRefiner.Coupled(coupling).coupled(noise, batch.size());
            case Diversity.Cno cno -> {
                ContrastiveLoss loss = new ContrastiveLoss(
                        new Windows(cno.windows(), Windows.Content.CHANNEL),
                        cno.temperature(),
                        cno.gamma(),
                        ContrastiveLoss.Denominator.POSITIVE);
                yield new NoiseRefiner.Contrastive(
                                cno.iterations(), cno.rate(), loss, new NoiseRefiner.Way.Stop(true), _ -> {})
                        .refine(noise, start(batch));
            }
            case Diversity.BestOf best -> bestOf(batch.recipes(), best.candidates(), noise, start(batch));
        };
    }

    /// The first step, asked of a network without a cache.
    private NoiseRefiner.Start start(Batch batch) {
        return new NoiseRefiner.Start(
                guided(batch, denoisers.plain()),
                prediction(),
                batch.grid().get(0),
                batch.sampler().priorScale(SCHEDULE, batch.grid()),
                batch.size());
    }

    private NdArray bestOf(List<Recipe> batch, int candidates, NdArray own, NoiseRefiner.Start start) {
        NdArray[] noises = new NdArray[candidates];
        NdArray estimates = NdArray.zeros(own.shape().with(0, batch.size() * candidates));
        int size = own.data().length / batch.size();
        for (int c = 0; c < candidates; c++) {
            noises[c] = c == 0 ? own : noise(batch, CANDIDATES + c);
            NdArray x = scaled(noises[c], start.scale());
            NdArray output = start.network().predict(x, start.interval().timesteps());
            NdArray estimate = Estimate.of(
                            prediction(), x, output, start.interval().from(), Clip.NONE)
                    .x0();
            for (int i = 0; i < batch.size(); i++) {
                System.arraycopy(estimate.data(), i * size, estimates.data(), (i * candidates + c) * size, size);
            }
        }
        int[] chosen = Farthest.choose(estimates, candidates);
        NdArray noise = own.copy();
        for (int i = 0; i < chosen.length; i++) {
            System.arraycopy(noises[chosen[i]].data(), i * size, noise.data(), i * size, size);
        }
        return noise;
    }

    /// The way on which places have times of their own.
    private Iterable<Interval> way(Asynchronous.On on, Batch batch, DitDenoiser asked, NdArray start) {
        int side = model.config().network().grid();
        int n = batch.size();
        MaskSource source;
        List<Item> items;
        if (!on.looks()) {
            items = List.of(new Item(1, on.strength()));
            source = new MaskSource.Fixed(
                    on.masking() == Asynchronous.Masking.DRAWN ? on.masks(n) : Masks.all(n, side, side, 0));
        } else {
            ItemTokens tokens =
                    ItemTokens.of(encoder, batch.first().prompt(), caption(batch.first()), on.items(), text().tokens());
            items = tokens.items(on.strength());
            source = on.masking() == Asynchronous.Masking.DYNAMIC
                    ? new MaskSource.Dynamic(() -> tokens.of(asked.attention(), n), side, side, on.threshold())
                    : new MaskSource.Fixed(
                            Masks.of(looked(batch, asked, start, tokens), side, side, items, on.threshold()));
        }
        int count = batch.grid().count();
        double last = 1.0 / count;
        return new Asynchrony.Fields(on.curve(), items, source, side, side, last)
                .way(SCHEDULE, batch.sampler(), count, n);
    }

    /// What places attend to in a run in which all share their times, the mean over its steps.
    private NdArray looked(Batch batch, DitDenoiser asked, NdArray start, ItemTokens tokens) {
        NdArray sum = null;
        Iterator<DiffusionStep> steps = along(batch.grid(), batch, asked, start);
        while (steps.hasNext()) {
            steps.next();
            NdArray seen = tokens.of(asked.attention(), batch.size());
            if (sum == null) {
                sum = seen;
            } else {
                for (int i = 0; i < seen.data().length; i++) {
                    sum.data()[i] += seen.data()[i];
                }
            }
        }
        return sum == null ? NdArray.zeros(Shape.of(batch.size())) : sum;
    }

    private DitConfig.Text text() {
        return (DitConfig.Text) model.config().network().condition();
    }

    /// Checks that a prompt has the items that AsynDM is asked for.
    void checkItems(String prompt, String style, Asynchronous.On on) {
        if (on.looks()) {
            if (text().crossEvery() == 0) {
                throw new IllegalArgumentException("the model " + model.config().name()
                        + " does not attend to words, so that AsynDM wants a drawn mask");
            }
            ItemTokens.of(encoder, prompt, CaptionFormat.caption(prompt, style), on.items(), text().tokens());
        }
    }

    /// The noise of every picture by its own seed, whatever else is in the batch.
    NdArray noise(List<Recipe> batch, long stream) {
        DitConfig network = model.config().network();
        return draw(batch, stream, Shape.of(1, network.channels(), network.size(), network.size()));
    }

    private static NdArray draw(List<Recipe> batch, long stream, Shape one) {
        NdArray noise = NdArray.zeros(one.with(0, batch.size()));
        for (int i = 0; i < batch.size(); i++) {
            float[] drawn = new Philox(batch.get(i).seed(), stream).normal(one).data();
            System.arraycopy(drawn, 0, noise.data(), i * drawn.length, drawn.length);
        }
        return noise;
    }

    private static NdArray scaled(NdArray noise, double factor) {
        NdArray x = noise.copy();
        for (int i = 0; i < x.data().length; i++) {
            x.data()[i] *= (float) factor;
        }
        return x;
    }

    private Condition.Text encode(List<String> captions) {
        return Captions.encode(encoder, captions, text().tokens());
    }
}
