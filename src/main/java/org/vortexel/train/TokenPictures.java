package org.vortexel.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.vortexel.ar.GptConfig;
import org.vortexel.ar.Prompt;
import org.vortexel.codec.vq.VqCodec;
import org.vortexel.data.Entry;
import org.vortexel.data.ImageFolder;
import org.vortexel.data.Selection;
import org.vortexel.data.TokenFile;
import org.vortexel.diffusion.Condition;
import org.vortexel.tensor.Shape;

/// Pictures as a transformer sees them: the ids of their codes, and what they are asked for with.
///
/// @param entries the words
/// @param ids (pictures)(T), codes
/// @param classes names of the classes, in order; empty when pictures are asked for with captions
/// @param asked what every picture is asked for with
public record TokenPictures(List<Entry> entries, int[][] ids, List<String> classes, Asked asked) {
    /// What pictures are asked for with.
    sealed interface Asked permits Labels, Words {
        /// The prompt of some pictures.
        Prompt of(int... pictures);
    }

    /// A class each.
    record Labels(int... ids) implements Asked {
        @Override
        public Prompt of(int... pictures) {
            return new Prompt.Labels(
                    java.util.Arrays.stream(pictures).map(i -> ids[i]).toArray());
        }
    }

    /// A caption each.
    record Words(CaptionStates captions) implements Asked {
        @Override
        public Prompt of(int... pictures) {
            return prompt(captions.rows(pictures));
        }
    }

    /// The pictures of a selection.
    ///
    /// @param data which
    /// @param tokens file of the tokens of the whole folder; made when it is not there
    /// @param codec the tokenizer at work
    /// @param size side of the pictures
    /// @param prefix what pictures are asked for with
    /// @param encoder turns captions into token states; not asked for classes
    /// @throws IllegalArgumentException when no picture is selected, or classes or states do not
    /// fit the prefix
    public static TokenPictures of(
            TrainConfig.Data data,
            Path tokens,
            VqCodec codec,
            int size,
            GptConfig.Prefix prefix,
            CaptionEncoder encoder) {
        Path folder = Path.of(data.folder());
        ImageFolder all = ImageFolder.open(folder);
        Selection selection = new Selection(
                Set.copyOf(data.splits()), Set.copyOf(data.styles()), Set.of(), Set.of(), data.skinTones());
        Set<Integer> lines = new HashSet<>();
        all.select(selection).entries().forEach(e -> lines.add(e.line()));
        TokenFile file = file(tokens, folder, all, codec, size);
        List<Entry> entries = new ArrayList<>();
        List<int[]> ids = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (lines.contains(all.entries().get(i).line())) {
                entries.add(all.entries().get(i));
                ids.add(file.ids()[i]);
            }
        }
        int[][] rows = ids.toArray(int[][]::new);
        return switch (prefix) {
            case GptConfig.Classes wanted -> {
                List<String> groups = List.copyOf(all.entries().stream()
                        .map(Entry::group)
                        .collect(java.util.stream.Collectors.toCollection(TreeSet::new)));
                if (groups.size() != wanted.count()) {
                    throw new IllegalArgumentException("the network has " + wanted.count() + " classes but " + folder
                            + " has " + groups.size() + " groups");
                }
                int[] labels = entries.stream()
                        .mapToInt(e -> groups.indexOf(e.group()))
                        .toArray();
                yield new TokenPictures(entries, rows, groups, new Labels(labels));
            }
            case GptConfig.Captions wanted -> {
                CaptionStates states = CaptionStates.of(
                        encoder, entries.stream().map(Entry::caption).toList());
                Shape got = states.text().states().shape();
                if (got.dim(1) != wanted.length() || got.dim(2) != wanted.width()) {
                    throw new IllegalArgumentException("the network wants " + wanted.length()
                            + " token states of width " + wanted.width() + " but the text encoder gives " + got.dim(1)
                            + " of width " + got.dim(2));
                }
                yield new TokenPictures(entries, rows, List.of(), new Words(states));
            }
        };
    }

    /// The tokens of a whole folder.
    ///
    /// @param tokens their file; made when it is not there
    /// @param codec the tokenizer at work
    /// @param size side of the pictures
    public static TokenFile file(Path tokens, Path folder, ImageFolder all, VqCodec codec, int size) {
        int codes = codec.codes().shape().dim(0);
        String bits = codec.model().fingerprint();
        return TokenFile.of(tokens, folder, all, new TokenFile.Tokenizer(bits, codes, size, codec::ids));
    }

    /// Captions as a transformer is asked with them, their padding in front.
    public static Prompt.Captions prompt(Condition.Text text) {
        int room = text.states().shape().dim(1);
        int[] lengths = new int[text.batch()];
        for (int i = 0; i < lengths.length * room; i++) {
            lengths[i / room] += text.mask().data()[i] > 0 ? 1 : 0;
        }
        return Prompt.Captions.behind(text.states(), lengths);
    }

    /// How many pictures there are.
    public int count() {
        return ids.length;
    }

    /// The prompt of some pictures.
    public Prompt prompt(int... pictures) {
        return asked.of(pictures);
    }

    /// The codes of some pictures, one picture after the other.
    public int[] codes(int... pictures) {
        int length = ids[0].length;
        int[] codes = new int[pictures.length * length];
        for (int i = 0; i < pictures.length; i++) {
            System.arraycopy(ids[pictures[i]], 0, codes, i * length, length);
        }
        return codes;
    }

    /// How often every code occurs.
    ///
    /// @param codes K
    long[] counts(int codes) {
        long[] counts = new long[codes];
        for (int[] row : ids) {
            for (int id : row) {
                counts[id]++;
            }
        }
        return counts;
    }
}
