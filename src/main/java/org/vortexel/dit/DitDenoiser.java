package org.vortexel.dit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.diffusion.Condition;
import org.vortexel.diffusion.Denoiser;
import org.vortexel.diffusion.Timesteps;
import org.vortexel.diffusion.cache.CacheRun;
import org.vortexel.diffusion.cache.CacheStep;
import org.vortexel.diffusion.cache.FeatureCache;
import org.vortexel.diffusion.cache.Past;
import org.vortexel.nn.Probe;
import org.vortexel.op.RingStore;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// A [Dit] with its weights on a device, asked by samplers. Records its programs for every batch size it meets.
///
/// With a [FeatureCache] a prediction is either computed, and its features kept in rings on the device, or forecast
/// from them; then [#begin] tells where a sampling run begins, and every prediction counts as one step. Batch rows
/// have features of their own, so the halves of guidance do; predictions of another batch size keep other features.
///
/// What a condition becomes is the same at every step, so it is computed once: for the first prediction of a run, and
/// whenever another condition object comes. Conditions are not to be modified meanwhile.
///
/// Used by one thread at a time.
public final class DitDenoiser implements Denoiser, AutoCloseable {
    /// Added to the attention scores of padding: large enough to vanish in a softmax, and finite.
    public static final float MASKED = -1e9f;

    private static final String ATTENTION = "attention";
    private static final String PLACES = "places";
    /// Different times of a picture that a table has room for.
    private static final int[] TABLES = {2, 4, 8};

    private final Device device;
    private final Dit dit;
    private final Weights weights;
    private final FeatureCache cache;
    private final Granularity granularity;
    private final Watch watch;
    private final Features computed;
    private final Map<Integer, Giver> givers = new HashMap<>();
    private final Map<Key, Programs> programs = new HashMap<>();
    private int steps;
    private int step;
    private long computedRows;
    private long forecastRows;
    private @Nullable NdArray attention;
    private @Nullable NdArray places;

    /// What programs are recorded for.
    ///
    /// @param batch N
    /// @param times N for a time per picture, N · T for one per token, or how many rows a table of
    /// times has
    private record Key(int batch, int times) {}

    /// A denoiser that computes everything.
    ///
    /// @param weights the model's; not modified, and not to be modified while this is open
    public DitDenoiser(Device device, Dit dit, Weights weights) {
        this(device, dit, weights, new FeatureCache.Off(), Granularity.BLOCK, Watch.NOTHING);
    }

    /// A denoiser that forecasts features at some steps.
    ///
    /// @param weights the model's; not modified, and not to be modified while this is open
    /// @param granularity what is forecast
    public DitDenoiser(Device device, Dit dit, Weights weights, FeatureCache cache, Granularity granularity) {
        this(device, dit, weights, cache, granularity, Watch.NOTHING);
    }

    /// A denoiser whose attention can be looked at.
    ///
    /// @param weights the model's; not modified, and not to be modified while this is open
    /// @param granularity what is forecast
    /// @param watch what [#attention] and [#places] will be asked for
    /// @throws IllegalArgumentException when they will, and the model has no cross-attention
    public DitDenoiser(
            Device device, Dit dit, Weights weights, FeatureCache cache, Granularity granularity, Watch watch) {
        this(device, dit, weights, cache, granularity, watch, new Features.Computed());
    }

    private DitDenoiser(
            Device device,
            Dit dit,
            Weights weights,
            FeatureCache cache,
            Granularity granularity,
            Watch watch,
            Features computed) {
        if (watch.text() && !(dit.config().condition() instanceof DitConfig.Text text && text.crossEvery() > 0)) {
            throw new IllegalArgumentException("this model has no cross-attention to look at");
        }
        this.watch = watch;
        this.computed = computed;
        this.device = device;
        this.dit = dit;
        this.weights = weights;
        this.cache = cache;
        this.granularity = granularity;
    }

    /// A denoiser that computes everything, one block with blurred queries.
    ///
    /// @param weights the model's; not modified, and not to be modified while this is open
    public static DitDenoiser blurred(Device device, Dit dit, Weights weights, QueryBlur blur) {
        Features blurred = new Features.Blurred(blur);
        return new DitDenoiser(device, dit, weights, new FeatureCache.Off(), Granularity.BLOCK, Watch.NOTHING, blurred);
    }

    /// A new sampling run: features of the last one are forgotten.
    ///
    /// @param predictions how many predictions the run makes, that is its steps, or twice as many for Heun's
    /// method
    public void begin(int predictions) {
        steps = predictions;
        step = 0;
        givers.values().forEach(Giver::begin);
        programs.values().forEach(p -> p.begin(predictions));
    }

    /// @throws IllegalStateException when there is a cache and no run has begun
    @Override
    public NdArray predict(NdArray x, Timesteps timesteps, Condition condition) {
        if (cache.slots() > 0 && steps == 0) {
            throw new IllegalStateException("a feature cache wants to know when a run begins");
        }
        Times times = times(timesteps, x.shape().dim(0));
        Key key = new Key(x.shape().dim(0), times.told.length);
        Programs here = programs.computeIfAbsent(key, Programs::new);
        Asked asked = new Asked(x, times, condition);
        double change = here.change(asked);
        int now = step++;
        return switch (here.run.next(now, () -> change)) {
            case CacheStep.Compute(int slot) -> {
                computedRows += key.batch;
                yield here.compute(asked, slot);
            }
            case CacheStep.Forecast next -> {
                forecastRows += key.batch;
                yield here.forecast(asked, next);
            }
        };
    }

    /// How many rows of batches have been computed, all predictions together.
    public long computed() {
        return computedRows;
    }

    /// How many rows of batches have been forecast.
    public long forecast() {
        return forecastRows;
    }

    /// Bytes of the features that are kept, for all batch sizes met so far.
    public long ringBytes() {
        return programs.values().stream().mapToLong(Programs::ringBytes).sum();
    }

    /// How every place looked at the text in the last prediction that was computed: cross-attention, the mean
    /// over heads and blocks, (N, T, L).
    ///
    /// @throws IllegalStateException when it is not watched, or nothing was predicted
    public NdArray attention() {
        return seen(attention);
    }

    /// How every place looked at every other in the last prediction that was computed: self-attention,
    /// the mean over
    /// heads and those blocks that look at the text, (N, T, T).
    ///
    /// @throws IllegalStateException when it is not watched, or nothing was predicted
    public NdArray places() {
        return seen(places);
    }

    private static NdArray seen(@Nullable NdArray last) {
        if (last == null) {
            throw new IllegalStateException("there is no attention to look at");
        }
        return last;
    }

    /// The features that are kept of the current run, (P, L, D) for every point: P steps, the oldest first, of
    /// all L tokens of the batch. What a [org.vortexel.diffusion.cache.HycaProfile] is made from.
    ///
    /// @throws IllegalStateException when nothing is kept, or features of more than one batch size are
    public Map<String, NdArray> history() {
        List<Programs> keeping =
                programs.values().stream().filter(p -> !p.run.past().isEmpty()).toList();
        if (keeping.size() != 1) {
            throw new IllegalStateException("features are kept for " + keeping.size() + " batch sizes, wanted one");
        }
        return keeping.getFirst().history();
    }

    /// One prediction's inputs.
    private record Asked(NdArray x, Times times, Condition condition) {}

    /// Times as programs want them.
    ///
    /// @param told one per picture, one per token, or the different ones
    /// @param picture which picture each of the different ones belongs to; empty where there is no
    /// table
    /// @param token which of the different ones every token has
    private record Times(float[] told, int[] picture, int[] token) {
        Times(float... told) {
            this(told, new int[0], new int[0]);
        }
    }

    private Times times(Timesteps timesteps, int batch) {
        double[] times = timesteps.times();
        float[] floats = new float[times.length == 1 ? batch : times.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) times[times.length == 1 ? 0 : i];
        }
        if (timesteps instanceof Timesteps.PerToken
                && floats.length != batch * dit.config().tokens()) {
            throw new IllegalArgumentException("a batch of " + batch + " wants "
                    + batch * dit.config().tokens() + " times of tokens but got " + floats.length);
        }
        // kept features belong to one program, so with a cache it has to be the same at every step
        boolean many = timesteps instanceof Timesteps.PerToken && cache instanceof FeatureCache.Off;
        return many ? table(batch, floats) : new Times(floats);
    }

    /// Times per token as a table of the different ones, if they are few; of few sizes, for few
    /// programs.
    private static Times table(int batch, float... times) {
        int tokens = times.length / batch;
        int[] token = new int[times.length];
        Map<Long, Integer> rows = new LinkedHashMap<>();
        for (int i = 0; i < times.length; i++) {
            long key = (long) (i / tokens) << Integer.SIZE | Float.floatToIntBits(times[i]);
            Integer known = rows.putIfAbsent(key, rows.size());
            token[i] = known == null ? rows.size() - 1 : known;
        }
        for (int size : TABLES) {
            if (rows.size() <= batch * size && 2 * size <= tokens) {
                float[] told = new float[batch * size];
                int[] picture = new int[batch * size];
                rows.forEach((key, row) -> {
                    told[row] = Float.intBitsToFloat(key.intValue());
                    picture[row] = (int) (key >> Integer.SIZE);
                });
                return new Times(told, picture, token);
            }
        }
        return new Times(times);
    }

    /// A mask of 1 for tokens and 0 for padding as numbers to add to attention scores, in the same order.
    public static float[] additive(NdArray mask) {
        float[] added = new float[mask.shape().size()];
        for (int i = 0; i < added.length; i++) {
            added[i] = mask.data()[i] == 0 ? MASKED : 0;
        }
        return added;
    }

    /// What conditions become, for one batch size: the part of the network that programs of that size
    /// share.
    private final class Giver implements AutoCloseable {
        private final int batch;
        private final Player player;
        private @Nullable Condition given;

        Giver(int batch) {
            this.batch = batch;
            this.player = record();
        }

        void begin() {
            given = null;
        }

        /// Computes what a condition becomes, unless it was the last, and hands it to a player.
        @SuppressWarnings("ReferenceEquality") // comparing the numbers would cost more than it saves
        void give(Player to, Condition condition) {
            if (condition != given) {
                switch (condition) {
                    case Condition.Label label -> player.set("labels", label.labels());
                    case Condition.Text text ->
                        player.set("states", text.states()).set("mask", additive(text.mask()));
                    case Condition.None _ -> throw new IllegalArgumentException("a Dit wants a label or a text");
                }
                player.run();
                given = condition;
            }
            gifts().forEach((name, _) -> to.set(name, player.get(name)));
            if (condition instanceof Condition.Text text) {
                to.set("mask", additive(text.mask()));
            }
        }

        /// What a condition becomes, by name.
        Map<String, Shape> gifts() {
            DitConfig config = dit.config();
            Map<String, Shape> gifts = new LinkedHashMap<>();
            gifts.put("vector", Shape.of(batch, config.width()));
            if (config.condition() instanceof DitConfig.Text text) {
                if (text.crossEvery() > 0) {
                    gifts.put("text", Shape.of(batch, text.tokens(), config.width()));
                }
                if (text.canvas() > 0) {
                    gifts.put("canvas", Shape.of(batch, config.tokens(), config.width()));
                }
            }
            return gifts;
        }

        private Player record() {
            Recorder r = new Recorder();
            Dit.Condition condition = switch (dit.config().condition()) {
                case DitConfig.Classes _ -> new Dit.Labels(r.ids("labels", Shape.of(batch)));
                case DitConfig.Text text ->
                    new Dit.Caption(
                            r.input("states", Shape.of(batch, text.tokens(), text.states())),
                            r.input("mask", Shape.of(batch, 1, 1, text.tokens())));
            };
            Conditioner.Given becomes = r.in("dit", () -> dit.given(condition));
            r.output("vector", becomes.vector());
            becomes.text().ifPresent(text -> r.output("text", text.states()));
            becomes.canvas().ifPresent(canvas -> r.output("canvas", canvas));
            return device.load(r.program(), weights);
        }

        @Override
        public void close() {
            player.close();
        }
    }

    /// The programs for one batch size and layout of times, and the books of what they keep.
    private final class Programs implements AutoCloseable {
        private static final String WATCHED = "watched";

        private final Key key;
        private final Weights withRings = new Weights(weights.asMap());
        private final Map<String, Shape> points = new LinkedHashMap<>();
        private final Giver giver;
        private final Player computing;
        private final @Nullable Player watching;
        private @Nullable Player forecasting;
        private @Nullable Condition given;
        private CacheRun run = new CacheRun(cache, steps);

        Programs(Key key) {
            this.key = key;
            this.giver = givers.computeIfAbsent(key.batch, Giver::new);
            this.computing = recordComputing();
            this.watching = cache.watchesInput() ? recordWatching() : null;
        }

        void begin(int predictions) {
            run = new CacheRun(cache, predictions);
            given = null;
        }

        private void give(Player player, Asked asked) {
            player.set("x", asked.x).set("time", asked.times.told);
            if (asked.times.token.length > 0) {
                player.set("picture", asked.times.picture).set("token", asked.times.token);
            }
        }

        /// Hands what a condition becomes to all players, unless they have it.
        @SuppressWarnings("ReferenceEquality") // comparing the numbers would cost more than it saves
        private void give(Condition condition) {
            if (condition == given) {
                return;
            }
            giver.give(computing, condition);
            if (watching != null) {
                giver.give(watching, condition);
            }
            if (forecasting != null) {
                giver.give(forecasting, condition);
            }
            given = condition;
        }

        NdArray compute(Asked asked, int slot) {
            give(asked.condition);
            give(computing, asked);
            if (cache.slots() > 0) {
                computing.set("slot", slot);
            }
            NdArray out = computing.runFinite("out");
            if (watch.text()) {
                attention = computing.get(ATTENTION);
            }
            if (watch == Watch.TEXT_AND_PLACES) {
                places = computing.get(PLACES);
            }
            return out;
        }

        NdArray forecast(Asked asked, CacheStep.Forecast step) {
            give(asked.condition);
            Player player = forecasting;
            if (player == null) {
                player = recordForecasting();
                giver.give(player, asked.condition);
                forecasting = player;
            }
            give(player, asked);
            player.set("newest", step.newest());
            if (cache.keepsForecasts()) {
                player.set("slot", step.slot());
            }
            for (Map.Entry<String, Shape> point : points.entrySet()) {
                player.set(
                        Features.Rings.table(point.getKey()),
                        step.table(point.getKey(), point.getValue().dim(-1)));
            }
            return player.runFinite("out");
        }

        /// How far the modulated input of the first block has moved since the last prediction, relative to
        /// its size; nonsense at the first prediction of a run.
        double change(Asked asked) {
            if (watching == null) {
                return 0;
            }
            give(asked.condition);
            give(watching, asked);
            watching.run();
            return (double) watching.get("moved").data()[0]
                    / watching.get("size").data()[0];
        }

        long ringBytes() {
            return Float.BYTES * points.values().stream().mapToLong(Shape::size).sum();
        }

        Map<String, NdArray> history() {
            computing.pull();
            if (forecasting != null) {
                forecasting.pull();
            }
            List<Past> kept = run.past().reversed();
            Map<String, NdArray> history = new LinkedHashMap<>();
            points.forEach((point, shape) -> {
                int tokens = shape.dim(1) * shape.dim(2);
                NdArray features = NdArray.zeros(Shape.of(kept.size(), tokens, shape.dim(3)));
                float[] ring = withRings.get(Features.Rings.ring(point)).data();
                int size = tokens * shape.dim(3);
                for (int i = 0; i < kept.size(); i++) {
                    System.arraycopy(ring, kept.get(i).slot() * size, features.data(), i * size, size);
                }
                history.put(point, features);
            });
            return history;
        }

        private Player recordComputing() {
            Recorder r = new Recorder();
            List<Tensor> toText = new ArrayList<>();
            List<Tensor> toPlaces = new ArrayList<>();
            Map<String, Tensor> ofBlocks = new HashMap<>();
            Probe probe = (name, tensor) -> {
                if (name.endsWith(DitBlock.PLACES)) {
                    ofBlocks.put(name, tensor);
                } else if (name.endsWith(DitBlock.WEIGHTS)) {
                    toText.add(tensor);
                    toPlaces.add(Objects.requireNonNull(ofBlocks.get(name.replace(DitBlock.WEIGHTS, DitBlock.PLACES))));
                }
            };
            if (cache.slots() > 0) {
                Features.Rings rings = new Features.Rings(r, cache.slots(), granularity);
                r.output("out", record(r, probe, new Features.Kept(rings)));
                points.putAll(rings.points());
                points.forEach((point, shape) -> withRings.put(Features.Rings.ring(point), NdArray.zeros(shape)));
            } else {
                r.output("out", record(r, probe, computed));
            }
            if (watch.text()) {
                r.output(ATTENTION, mean(toText));
            }
            if (watch == Watch.TEXT_AND_PLACES) {
                r.output(PLACES, mean(toPlaces));
            }
            return device.load(r.program(), withRings);
        }

        private static Tensor mean(List<Tensor> tensors) {
            return tensors.stream().reduce(Tensor::add).orElseThrow().mul(1f / tensors.size());
        }

        private Player recordForecasting() {
            Recorder r = new Recorder();
            Features.Rings rings = new Features.Rings(r, cache.slots(), granularity);
            r.output("out", record(r, Probe.NONE, new Features.Forecast(rings, cache.keepsForecasts())));
            return device.load(r.program(), withRings);
        }

        private Player recordWatching() {
            Recorder r = new Recorder();
            List<Tensor> seen = new ArrayList<>();
            record(
                    r,
                    (name, tensor) -> {
                        if (name.equals("blocks.0.in")) {
                            seen.add(tensor);
                        }
                    },
                    new Features.Computed());
            Tensor now = seen.getFirst(); // (N, T, D)
            Shape shape = Shape.of(1, now.dim(0), now.dim(1), now.dim(2));
            withRings.put(WATCHED, NdArray.zeros(shape));
            Tensor ring = r.parameter(WATCHED, shape);
            Tensor before = ring.reshape(now.shape());
            r.output("moved", now.sub(before).abs().mean(false));
            r.output("size", before.abs().mean(false));
            RingStore.into(ring, now, r.ids("slot", Shape.of(1)));
            return device.load(r.program(), withRings);
        }

        private Tensor record(Recorder r, Probe probe, Features features) {
            DitConfig config = dit.config();
            int n = key.batch;
            Tensor x = r.input("x", Shape.of(n, config.channels(), config.size(), config.size()));
            boolean perToken = key.times == n * config.tokens() && config.tokens() > 1;
            boolean table = key.times != n && !perToken;
            Tensor time = r.input("time", perToken ? Shape.of(n, config.tokens()) : Shape.of(key.times));
            Optional<Modulator.Table> rows = table
                    ? Optional.of(new Modulator.Table(
                            r.ids("picture", Shape.of(key.times)), r.ids("token", Shape.of(n, config.tokens()))))
                    : Optional.empty();
            Map<String, Tensor> gifts = new LinkedHashMap<>();
            giver.gifts().forEach((name, shape) -> gifts.put(name, r.input(name, shape)));
            Tensor mask = config.condition() instanceof DitConfig.Text text
                    ? r.input("mask", Shape.of(n, 1, 1, text.tokens()))
                    : null;
            Conditioner.Given condition = new Conditioner.Given(
                    Objects.requireNonNull(gifts.get("vector")),
                    Optional.ofNullable(gifts.get("text"))
                            .map(states -> new DitBlock.Text(states, Objects.requireNonNull(mask))),
                    Optional.ofNullable(gifts.get("canvas")));
            return dit.forward(x, time, rows, condition, probe, features);
        }

        @Override
        public void close() {
            computing.close();
            if (watching != null) {
                watching.close();
            }
            if (forecasting != null) {
                forecasting.close();
            }
        }
    }

    @Override
    public void close() {
        programs.values().forEach(Programs::close);
        programs.clear();
        givers.values().forEach(Giver::close);
        givers.clear();
    }
}
