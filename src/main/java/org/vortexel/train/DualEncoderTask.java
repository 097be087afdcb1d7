package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.StorageType;
import org.vortexel.data.Attribute;
import org.vortexel.data.Entry;
import org.vortexel.data.PackedImages;
import org.vortexel.data.ShuffledEpochs;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.eval.Attributes;
import org.vortexel.eval.DualEncoder;
import org.vortexel.eval.DualEncoderModel;
import org.vortexel.eval.Judge;
import org.vortexel.eval.MobileNetPackage;
import org.vortexel.eval.Towers;
import org.vortexel.image.ContactSheet;
import org.vortexel.image.Image;
import org.vortexel.image.ImageFile;
import org.vortexel.nn.Params;
import org.vortexel.op.InfoNce;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Trains a [DualEncoder] to match pictures and captions, and to tell attributes.
///
/// `loss = symmetric InfoNCE of directions + attributes * (mean cross entropy of the attributes that
/// words give)`
///
/// Half of a batch is drawn evenly; the other half are pictures that are hard to tell from these
/// ([Kin]). All are disturbed ([Disturbance]). The frozen networks are no part of the step: a picture
/// goes through its own once for each of its disturbances ([SeenPictures]), a caption through the text
/// encoder once.
///
/// Source: Radford et al. 2021, [arXiv:2103.00020](https://arxiv.org/abs/2103.00020), figure 3; hard
/// companions as in Yuksekgonul et al. 2022, [arXiv:2210.01936](https://arxiv.org/abs/2210.01936), who
/// make them of words alone.
public final class DualEncoderTask implements Task {
    // Stream of the seed; the place among all that are drawn is added.
    private static final long KIN = 4L << 40;

    private static final int MEASURED = 500;
    private static final int FEW = 5;
    private static final int SHOWN = 24;
    private static final int CELL = 96;

    private final TrainConfig config;
    private final DualEncoderSubject subject;
    private final Device device;
    private final MobileNetPackage.Pretrained pretrained;
    private final PackedImages images;
    private final SeenPictures seen;
    private final CaptionStates captions;
    private final ShuffledEpochs epochs;
    private final Kin kin;
    private final Map<Attribute, List<String>> attributes = new EnumMap<>(Attribute.class);
    private final DualEncoder network;
    private final Map<String, Measured> sets = new TreeMap<>();

    /// Pictures that a model is measured on.
    private record Measured(List<Entry> entries, NdArray pictures, CaptionStates captions) {}

    /// Reads the pictures, and those that their folders hold out, and encodes the captions.
    ///
    /// @param device plays the measurements
    /// @param encoder turns captions into token states
    /// @throws IllegalArgumentException when no picture is selected, or the encoder does not fit the
    /// network
    public DualEncoderTask(
            TrainConfig config,
            DualEncoderSubject subject,
            Device device,
            CaptionEncoder encoder,
            MobileNetPackage.Pretrained pretrained) {
        if (config.batch() % 2 != 0) {
            throw new IllegalArgumentException(
                    "a dual encoder is trained on couples, so that batch must be even but is " + config.batch());
        }
        this.config = config;
        this.subject = subject;
        this.device = device;
        this.pretrained = pretrained;
        TrainConfig.Data data = subject.data();
        int size = subject.network().size();
        this.images = DitTask.images(data, size);
        if (images.count() < 2) {
            throw new IllegalArgumentException("a dual encoder wants at least two pictures to tell apart");
        }
        this.captions = captions(encoder, images.entries());
        this.epochs = new ShuffledEpochs(images.count(), config.batch() / 2, config.seed());
        this.kin = new Kin(images.entries());
        for (Attribute attribute : Attribute.values()) {
            TreeSet<String> values = new TreeSet<>();
            images.entries().forEach(entry -> attribute.of(entry).ifPresent(values::add));
            if (values.size() > 1) {
                attributes.put(attribute, List.copyOf(values));
            }
        }
        this.network = new DualEncoder(subject.network(), attributes);
        this.seen = new SeenPictures(images, network, pretrained, device, config.seed(), subject.disturbances());
        measured(encoder, "train", images);
        TrainConfig.Data all =
                new TrainConfig.Data(data.folder(), data.styles(), data.skinTones(), List.of(), data.further());
        PackedImages every = DitTask.images(all, size);
        new TreeSet<>(every.entries().stream().map(DualEncoderTask::set).toList())
                .stream().filter(set -> !set.equals("train")).forEach(set -> measured(encoder, set, every));
    }

    /// What is measured together: a split, and of what is held out each combination by itself.
    private static String set(Entry entry) {
        return (entry.split() + " " + entry.combination()).strip();
    }

    private CaptionStates captions(CaptionEncoder encoder, List<Entry> entries) {
        CaptionStates states =
                CaptionStates.of(encoder, entries.stream().map(Entry::caption).toList());
        Shape got = states.text().states().shape();
        DualEncoder.Config net = subject.network();
        if (got.dim(1) != net.tokens() || got.dim(2) != net.states()) {
            throw new IllegalArgumentException("the network wants " + net.tokens() + " token states of width "
                    + net.states() + " but the text encoder gives " + got.dim(1) + " of width " + got.dim(2));
        }
        return states;
    }

    /// Chooses pictures of a set by chance, neighbours together: scenes come in twos.
    private void measured(CaptionEncoder encoder, String name, PackedImages from) {
        int[] own = IntStream.range(0, from.count())
                .filter(i -> name.equals("train") || set(from.entries().get(i)).equals(name))
                .toArray();
        int couples = (own.length + 1) / 2;
        int[] order = Philox.of(config.seed()).permutation(couples);
        int[] chosen = IntStream.of(order)
                .limit(MEASURED / 2)
                .sorted()
                .flatMap(c -> IntStream.of(2 * c, 2 * c + 1))
                .filter(i -> i < own.length)
                .map(i -> own[i])
                .toArray();
        List<Entry> entries = IntStream.of(chosen).mapToObj(from.entries()::get).toList();
        if (entries.size() > 1) {
            sets.put(name, new Measured(entries, from.batch(chosen), captions(encoder, entries)));
        }
    }

    @Override
    public Params params() {
        return network.params();
    }

    @Override
    public Weights initial() {
        String start = subject.start();
        if (start == null) {
            return network.params().initial(config.seed());
        }
        DualEncoderModel model = DualEncoderModel.load(Path.of(start));
        if (!model.config().network().equals(subject.network())
                || !model.config().attributes().equals(attributes)) {
            throw new IllegalArgumentException("the run cannot start from " + start
                    + ": the network there has other sizes, or tells other attributes");
        }
        return model.weights();
    }

    @Override
    public Weights frozen() {
        return new Weights();
    }

    @Override
    public Objective record(Recorder recorder) {
        return record(recorder, network, attributes, config.batch(), (float) subject.attributes());
    }

    /// Records the loss of a batch.
    ///
    /// | input           | shape        |                                                          |
    /// |-----------------|--------------|----------------------------------------------------------|
    /// | `tokens`        | (N, T, C)    | what is seen of the pictures                             |
    /// | `states`        | (N, L, S)    | token states of their captions                           |
    /// | `present`       | (N, L)       | 1 for tokens, 0 for padding                              |
    /// | `label.STYLE` … | (N) ids      | values of the attribute                                  |
    /// | `known.STYLE` … | (N)          | weights; 0 where a caption does not say, together 1 or 0 |
    static Objective record(
            Recorder r,
            DualEncoder network,
            Map<Attribute, List<String>> attributes,
            int batch,
            float attributeWeight) {
        DualEncoder.Config net = network.config();
        Tensor tokens = r.input("tokens", Shape.of(batch, DualEncoder.PLACES, DualEncoder.CHANNELS));
        Tensor states = r.input("states", Shape.of(batch, net.tokens(), net.states()));
        Tensor present = r.input("present", Shape.of(batch, net.tokens()));
        DualEncoder.Looked looked = network.look(tokens);
        Tensor scale = network.scale(tokens);
        Tensor matching = InfoNce.of(looked.direction(), network.read(states, present), scale, true);
        Map<String, Tensor> parts = new LinkedHashMap<>();
        parts.put("matching", matching);
        Tensor loss = matching;
        for (Attribute attribute : attributes.keySet()) {
            Tensor logits = looked.attributes().get(attribute);
            if (logits == null) {
                throw new IllegalStateException("the network does not tell " + attribute);
            }
            Tensor label = r.ids("label." + attribute, Shape.of(batch));
            Tensor known = r.input("known." + attribute, Shape.of(batch));
            Tensor cost = logits.crossEntropy(label).mul(known).sum(false);
            parts.put(attribute.name().toLowerCase(Locale.ROOT), cost);
            loss = loss.add(cost.mul(attributeWeight));
        }
        parts.put("scale", scale.sum(false));
        return new Objective(loss, parts);
    }

    @Override
    public void feed(int step, Player player) {
        int n = config.batch();
        int[] drawn = epochs.batch(step);
        int[] indices = new int[n];
        int[] ways = new int[n];
        for (int i = 0; i < n / 2; i++) {
            Philox random = new Philox(config.seed(), KIN + (long) step * n + i);
            indices[2 * i] = drawn[i];
            indices[2 * i + 1] = kin.of(drawn[i], random);
            ways[2 * i] = random.below(subject.disturbances(), 2);
            ways[2 * i + 1] = random.below(subject.disturbances(), 3);
        }
        var text = captions.rows(indices);
        player.set("tokens", seen.of(indices, ways))
                .set("states", text.states())
                .set("present", text.mask());
        attributes.forEach((attribute, values) -> {
            int[] labels = new int[n];
            float[] known = new float[n];
            int count = 0;
            for (int i = 0; i < n; i++) {
                int label = attribute
                        .of(images.entries().get(indices[i]))
                        .map(values::indexOf)
                        .orElse(-1);
                labels[i] = Math.max(0, label);
                known[i] = label < 0 ? 0 : 1;
                count += label < 0 ? 0 : 1;
            }
            for (int i = 0; i < n && count > 0; i++) {
                known[i] /= count;
            }
            player.set("label." + attribute, labels).set("known." + attribute, known);
        });
    }

    private DualEncoderModel model(Weights weights) {
        Path name = Path.of(config.out()).getFileName();
        return DualEncoderModel.of(
                new DualEncoderModel.Config(
                        name == null ? "dual-encoder" : name.toString(), subject.network(), attributes),
                weights);
    }

    @Override
    public void release(Weights weights, Path folder) {
        model(weights).save(folder, StorageType.F16);
    }

    /// Of every set: how many pictures, how often a picture finds its caption among all of the set's,
    /// first or among five, and a caption its picture; how often a scene is nearer to its own caption
    /// than to that of the same things in another order; and how often each attribute is told right.
    @Override
    public Map<String, Double> measure(Weights weights) {
        Map<String, Double> found = new TreeMap<>();
        try (Towers towers = new Towers(model(weights), pretrained, device)) {
            sets.forEach((name, set) -> {
                Towers.Looked looked = towers.look(set.pictures());
                int count = set.entries().size();
                NdArray texts = towers.read(
                        set.captions().text().states(), set.captions().text().mask());
                found.put(name + ", pictures", (double) count);
                int[] toCaption = ranks(set.entries(), looked.directions(), texts);
                int[] toPicture = ranks(set.entries(), texts, looked.directions());
                found.put(name + ", caption is first", share(toCaption, 1));
                found.put(name + ", caption is in five", share(toCaption, FEW));
                found.put(name + ", picture is first", share(toPicture, 1));
                found.put(name + ", picture is in five", share(toPicture, FEW));
                order(name, set.entries(), looked.directions(), texts, found);
                Attributes.of(set.entries().stream().map(Attribute::all).toList(), looked.attributes(), attributes)
                        .shares()
                        .forEach((attribute, share) -> found.put(
                                name + ", " + attribute.name().toLowerCase(Locale.ROOT) + " of " + share.asked(),
                                share.value()));
            });
        }
        return found;
    }

    /// How many others, of another caption, are nearer to each row than its own.
    private static int[] ranks(List<Entry> entries, NdArray from, NdArray to) {
        int[] ranks = new int[entries.size()];
        for (int i = 0; i < ranks.length; i++) {
            double own = Judge.alignment(from, i, to, i);
            for (int j = 0; j < ranks.length; j++) {
                boolean other = !entries.get(i).caption().equals(entries.get(j).caption());
                ranks[i] += other && Judge.alignment(from, i, to, j) >= own ? 1 : 0;
            }
        }
        return ranks;
    }

    private static double share(int[] ranks, int below) {
        return (double) IntStream.of(ranks).filter(rank -> rank < below).count() / ranks.length;
    }

    private static void order(
            String name, List<Entry> entries, NdArray pictures, NdArray texts, Map<String, Double> found) {
        Map<String, List<Integer>> same = new HashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            Entry entry = entries.get(i);
            if (entry.group().equals("scene")) {
                same.computeIfAbsent(
                                entry.style() + entry.subgroup() + new TreeSet<>(entry.tags()), _ -> new ArrayList<>())
                        .add(i);
            }
        }
        int asked = 0;
        int right = 0;
        for (List<Integer> scenes : same.values()) {
            for (int i : scenes) {
                for (int j : scenes) {
                    if (!entries.get(i).caption().equals(entries.get(j).caption())) {
                        asked++;
                        right +=
                                Judge.alignment(pictures, i, texts, i) > Judge.alignment(pictures, i, texts, j) ? 1 : 0;
                    }
                }
            }
        }
        if (asked > 0) {
            found.put(name + ", order of " + asked, (double) right / asked);
        }
    }

    /// Pictures of the training set, each over the caption of the same set that it lies nearest to.
    @Override
    public void draw(Weights weights, Path file) {
        Measured set = sets.get("train");
        if (set == null) {
            return;
        }
        List<ContactSheet.Cell> cells = new ArrayList<>();
        try (Towers towers = new Towers(model(weights), pretrained, device)) {
            NdArray directions = towers.look(set.pictures()).directions();
            NdArray texts = towers.read(
                    set.captions().text().states(), set.captions().text().mask());
            List<Image> pictures = Image.fromBatch(set.pictures());
            int count = pictures.size();
            for (int i = 0; i < Math.min(SHOWN, count); i++) {
                int at = (int) ((long) i * count / Math.min(SHOWN, count));
                int best = 0;
                for (int j = 1; j < count; j++) {
                    best = Judge.alignment(directions, at, texts, j) > Judge.alignment(directions, at, texts, best)
                            ? j
                            : best;
                }
                cells.add(new ContactSheet.Cell(
                        pictures.get(at), set.entries().get(best).caption()));
            }
        }
        ImageFile.writePng(file, ContactSheet.of(cells, FEW + 1, CELL));
    }
}
