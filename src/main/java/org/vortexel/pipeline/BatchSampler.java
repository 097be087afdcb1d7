package org.vortexel.pipeline;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.vortexel.data.CaptionFormat;
import org.vortexel.diffusion.Clip;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.DiffusionLoop;
import org.vortexel.diffusion.DiffusionStep;
import org.vortexel.diffusion.Estimate;
import org.vortexel.diffusion.Estimator;
import org.vortexel.diffusion.Guidance;
import org.vortexel.diffusion.GuidedDenoiser;
import org.vortexel.diffusion.Interval;
import org.vortexel.diffusion.Prediction;
import org.vortexel.diffusion.RectifiedFlow;
import org.vortexel.diffusion.Sampler;
import org.vortexel.diffusion.TimeGrid;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.asyn.Asynchrony;
import org.vortexel.diffusion.asyn.Item;
import org.vortexel.diffusion.asyn.MaskSource;
import org.vortexel.diffusion.asyn.Masks;
import org.vortexel.diffusion.guide.CfgPlusPlus;
import org.vortexel.diffusion.guide.SemanticGuidance;
import org.vortexel.diffusion.guide.Sight;
import org.vortexel.diffusion.guide.SmoothedEnergy;
import org.vortexel.diffusion.guide.Zigzag;
import org.vortexel.diffusion.noise.Cads;
import org.vortexel.diffusion.noise.ContrastiveLoss;
import org.vortexel.diffusion.noise.Farthest;
import org.vortexel.diffusion.noise.NoiseRefiner;
import org.vortexel.diffusion.noise.ParticleGuidance;
import org.vortexel.diffusion.noise.Windows;
import org.vortexel.dit.DitConfig;
import org.vortexel.dit.DitDenoiser;
import org.vortexel.dit.DitModel;
import org.vortexel.dit.GuidedPullBack;
import org.vortexel.dit.QueryBlur;
import org.vortexel.dit.Watch;
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
    private static final Logger LOG = LoggerFactory.getLogger(BatchSampler.class);
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
        return loop(recipes, denoisers.of(first.caching(), watch(first)));
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
        IntFunction<NdArray> fresh = index -> noise(batch.recipes(), 1L + index);
        Estimator network = network(batch, asked);
        if (batch.first().guiding() instanceof Guide.Zigzag(int steps)) {
            Zigzag zigzag = new Zigzag(steps);
            Estimator back = Estimator.of(
                    (x, timesteps) -> asked.predict(x, timesteps, batch.instead()), prediction(), Clip.NONE);
            return zigzag.steps(loop.walk(zigzag.way(way), Zigzag.guide(network, back), start, fresh)
                    .iterator());
        }
        return loop.walk(way, network, start, fresh).iterator();
    }

    private Prediction prediction() {
        return model.config().prediction();
    }

    /// What of the attention a recipe wants to look at.
    private static Watch watch(Recipe recipe) {
        if (recipe.guiding() instanceof Guide.Semantic) {
            return Watch.TEXT_AND_PLACES;
        }
        return recipe.asyn() instanceof Asynchronous.On on && on.looks() ? Watch.TEXT : Watch.NOTHING;
    }

    /// The network as the sampler sees it.
    private Estimator network(Batch batch, DitDenoiser asked) {
        Condition.Text wanted = batch.wanted();
        return switch (batch.first().diverse()) {
            case Diversity.Cads(double strength, var _) -> {
                Cads cads = new Cads(LEAST_KEPT, MOST_KEPT, strength, 1, true);
                yield (x, interval) -> {
                    double time = interval.timesteps().max();
                    NdArray fresh = draw(
                            batch.recipes(),
                            CAPTION_NOISE + (long) time,
                            wanted.states().shape().with(0, 1));
                    NdArray noisy = cads.corrupted(wanted.states(), cads.kept(time / SCHEDULE.steps()), fresh);
                    Condition.Text changed = new Condition.Text(noisy, wanted.mask(), wanted.pooled());
                    return network(batch, asked, changed).estimate(x, interval);
                };
            }
            case Diversity.Particles(double strength, var _) ->
                Estimator.of(
                        new ParticleGuidance(strength).guide(guided(batch, asked, wanted), SCHEDULE, prediction()),
                        prediction(),
                        Clip.NONE);
            case Diversity.Off _, Diversity.Cno _, Diversity.Coupled _, Diversity.BestOf _ ->
                network(batch, asked, wanted);
        };
    }

    private Estimator network(Batch batch, DitDenoiser asked, Condition.Text wanted) {
        return batch.first().guiding() instanceof Guide.CfgPlusPlus
                ? new CfgPlusPlus(batch.first().guidance())
                        .guide(asked, prediction(), Clip.NONE, wanted, batch.instead())
                : Estimator.of(guided(batch, asked, wanted), prediction(), Clip.NONE);
    }

    /// The network with one answer: what it believes the clean picture to be.
    private GuidedDenoiser guided(Batch batch, DitDenoiser asked, Condition.Text wanted) {
        double scale = batch.first().guidance();
        return switch (batch.first().guiding()) {
            case Guide.Cfg _, Guide.CfgPlusPlus _, Guide.Zigzag _ ->
                Guidance.of(scale).guide(asked, SCHEDULE, wanted, batch.instead());
            case Guide.Semantic _ -> {
                int side = model.config().network().grid();
                yield new SemanticGuidance(scale)
                        .guide(
                                asked,
                                () -> new Sight(asked.attention(), asked.places(), side, side),
                                wanted,
                                batch.instead());
            }
            case Guide.SmoothedEnergy seg -> {
                QueryBlur blur = QueryBlur.ofTheMiddle(model.config().network(), seg.deviation());
                yield new SmoothedEnergy(scale, seg.strength())
                        .guide(asked, denoisers.blurred(blur), wanted, batch.instead());
            }
        };
    }

    /// The guidance of recipes: what was asked for, or the model's own; CFG++ then pulls as much in
    /// all.
    ///
    /// @param asked negative for the model's own
    /// @throws IllegalArgumentException when there is no such guidance
    double guidance(Guide guide, double asked, String sampler, int steps) {
        double own = model.config().sampling().guidance();
        double scale = asked < 0 ? own : asked;
        return switch (guide) {
            case Guide.CfgPlusPlus _
            when asked < 0 ->
                CfgPlusPlus.asStrongAs(own, prediction(), Sampler.named(sampler).timesteps(SCHEDULE, steps))
                        .strength();
            case Guide.CfgPlusPlus _ -> new CfgPlusPlus(scale).strength();
            case Guide.Semantic _ -> {
                if (text().crossEvery() == 0) {
                    throw new IllegalArgumentException(
                            "the model " + model.config().name() + " does not attend to words, which S-CFG looks at");
                }
                yield new SemanticGuidance(scale).scale();
            }
            case Guide.Cfg _, Guide.SmoothedEnergy _, Guide.Zigzag _ -> scale;
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
                yield switch (cno.way()) {
                    case STOP -> refined(cno, loss, new NoiseRefiner.Way.Stop(true), noise, batch);
                    case FULL -> {
                        try (GuidedPullBack network = denoisers.pullBack(
                                new Timesteps.Shared(batch.grid().time(0)),
                                batch.wanted(),
                                batch.instead(),
                                batch.first().guidance())) {
                            yield refined(cno, loss, new NoiseRefiner.Way.Full(network), noise, batch);
                        }
                    }
                };
            }
            case Diversity.BestOf best -> bestOf(batch.recipes(), best.candidates(), noise, start(batch));
        };
    }

    private NdArray refined(Diversity.Cno cno, ContrastiveLoss loss, NoiseRefiner.Way way, NdArray noise, Batch batch) {
        return new NoiseRefiner.Contrastive(cno.iterations(), cno.rate(), loss, way, BatchSampler::tell)
                .refine(noise, start(batch));
    }

    private static void tell(NoiseRefiner.Contrastive.Step step) {
        LOG.info(
                "cno step {}: loss {} before it, noise of strength {} after it",
                step.index() + 1,
                step.loss(),
                step.norm());
    }

    /// The first step, asked of a network without a cache.
    private NoiseRefiner.Start start(Batch batch) {
        return new NoiseRefiner.Start(
                guided(batch, denoisers.plain(), batch.wanted()),
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
            MaskSource dynamic =
                    new MaskSource.Dynamic(() -> tokens.of(asked.attention(), n), side, side, on.threshold());
            source = switch (on.masking()) {
                case DYNAMIC, EVERYWHERE, DRAWN -> dynamic; // the last two were dealt with
                case RANDOM ->
                    new MaskSource.Scattered(
                            dynamic,
                            batch.recipes().stream().mapToLong(Recipe::seed).toArray());
                case INVERTED -> new MaskSource.Inverted(dynamic);
                case FIXED ->
                    new MaskSource.Fixed(
                            Masks.of(looked(batch, asked, start, tokens), side, side, items, on.threshold()));
            };
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
