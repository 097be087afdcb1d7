package org.vortexel.ar.masc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.vortexel.ar.Gpt;
import org.vortexel.ar.GptConfig;
import org.vortexel.codebook.Codebook;
import org.vortexel.codebook.Partition;
import org.vortexel.device.Device;
import org.vortexel.device.Player;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Tensor;
import org.vortexel.program.Gradients;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class MascModelsTest {
    private static final Partition PARTITION = Partition.of(0, 1, 0, 2, 1, 0, 3);
    private static final GptConfig HOST =
            new GptConfig(7, 2, 8, 1, 2, 2, 16, 10000, 1e-5f, new GptConfig.Classes(3), GptConfig.PrefixRope.ZERO);

    @Test
    void onlyTheVocabularyOfTheHostChanges() {
        Gpt branches = BranchGpt.of(HOST, PARTITION);
        assertEquals(4, branches.sizes().vocabulary());
        long flat = new Gpt(HOST)
                .params().all().stream().mapToLong(p -> p.shape().size()).sum();
        long clustered = branches.params().all().stream()
                .mapToLong(p -> p.shape().size())
                .sum();
        assertEquals(2 * 3 * 8, flat - clustered);
        assertThrows(IllegalArgumentException.class, () -> BranchGpt.of(HOST.withVocabulary(9), PARTITION));
    }

    @Test
    void aClusterPerCodeChangesNothing() {
        Gpt flat = new Gpt(HOST);
        Gpt branches = BranchGpt.of(HOST, Partition.identity(7));
        assertEquals(flat.params().shapes(), branches.params().shapes());
        Weights host = flat.params().initial(3);
        assertEquals(host.asMap(), BranchGpt.warm(host, Partition.identity(7)).asMap());
        assertEquals(
                host.asMap(),
                BranchGpt.initial(branches, BranchGpt.Head.ZERO, 3).asMap());
    }

    @Test
    void aWarmRowIsTheMeanOfItsMembers() {
        Weights host = new Gpt(HOST).params().initial(3);
        NdArray rows = host.get("tok_embeddings.weight");
        NdArray means = BranchGpt.warm(host, PARTITION).get("tok_embeddings.weight");
        assertEquals((rows.get(0, 5) + rows.get(2, 5) + rows.get(5, 5)) / 3, means.get(0, 5), 1e-6);
        assertEquals(rows.get(6, 1), means.get(3, 1));
    }

    @Test
    void membersAreDrawnEvenlyByFrequencyOrNotAtAll() {
        assertEquals(2, new MemberDecoding.Uniform(PARTITION).code(0, 0.5));
        MemberDecoding frequent = new MemberDecoding.Frequent(PARTITION, new long[] {1, 0, 0, 0, 0, 3, 0});
        assertEquals(0, frequent.code(0, 0.2));
        assertEquals(5, frequent.code(0, 0.3));
        assertEquals(4, frequent.code(1, 0.9)); // no member occurs: evenly
        Codebook codebook = new Codebook(NdArray.of(Shape.of(7, 1), 0, 1, 3, 5, 1, 4, 9));
        MemberDecoding medoid = MemberDecoding.Medoid.of(PARTITION, codebook);
        assertEquals(2, medoid.code(0, 0.9));
        assertArrayEquals(new int[][] {{2, 6}}, medoid.codes(new int[][] {{0, 3}}, (n, t) -> 0.5));
    }

    @Test
    void theRefinerChoosesAmongMembersAndLearnsNothingFromSingletons() {
        Refiner refiner = new Refiner(new Refiner.Config(6, 8, 2), PARTITION);
        int[] codes = {5, 3, 4, 6};
        int[] branches = PARTITION.clustersOf(codes);
        assertArrayEquals(new int[] {2, 0, 1, 0}, refiner.places(codes));
        Recorder r = new Recorder();
        Tensor states = r.input("states", Shape.of(1, 4, 6));
        Tensor logits = refiner.forward(
                states,
                r.ids("branches", Shape.of(1, 4)),
                r.ids("members", Shape.of(1, 4, 3)),
                r.input("mask", Shape.of(1, 4, 3)));
        Tensor cost = logits.crossEntropy(r.ids("places", Shape.of(1, 4)));
        r.output("p", logits.softmax());
        r.output("cost", cost);
        r.output(
                "slope",
                Gradients.of(r, cost.mean(false), java.util.List.of(states)).getFirst());
        try (Device device = HostDevice.of(1);
                Player player = device.load(r.program(), refiner.params().initial(2))) {
            Refiner.Choices choices = refiner.choicesOf(branches);
            NdArray given = Philox.of(1).normal(Shape.of(1, 4, 6));
            player.set("states", given).set("branches", branches).set("members", choices.ids());
            player.set("mask", choices.mask())
                    .set("places", refiner.places(codes))
                    .run();
            NdArray p = player.get("p");
            float[] cost1 = player.get("cost").data();
            assertEquals(0, cost1[1], 1e-6);
            assertEquals(0, cost1[3], 1e-6);
            assertEquals(0, p.get(0, 2, 2));
            assertEquals(1, p.get(0, 2, 0) + p.get(0, 2, 1), 1e-6);
            assertEquals(-1, player.get("slope").firstNonFinite());
            given.data()[3 * 6] += 1; // the last position is not seen by those before it
            player.set("states", given).run();
            float[] cost2 = player.get("cost").data();
            assertArrayEquals(java.util.Arrays.copyOf(cost1, 3), java.util.Arrays.copyOf(cost2, 3));
        }
    }
}
