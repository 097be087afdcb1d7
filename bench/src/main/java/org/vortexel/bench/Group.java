package org.vortexel.bench;

import java.util.Arrays;
import java.util.List;

/// Pieces of work of one kind, who does them beside us, and how many times faster than each of these we want to be in
/// the median over the pieces.
///
/// @param name as `--only` takes it
/// @param works see [Work]
/// @param more pieces that `--quick` leaves out
/// @param rivals who else does them
record Group(String name, List<String> works, List<String> more, List<Rival> rivals) {
    /// Someone to compare with.
    ///
    /// @param peer see [Peer#of]
    /// @param bar the least ratio of its time to ours, or 0 for none
    record Rival(String peer, double bar) {}

    private static final List<Rival> NORMS = List.of(new Rival("pytorch", 1.5), new Rival("onnxruntime", 0));

    /// All of them.
    static final List<Group> ALL = List.of(
            new Group(
                    "matmul",
                    List.of(
                            "matmul 256 384 384", "matmul 1024 1536 384", "matmul 4096 1024 256", "matmul 4096 256 1024",
                            "matmul 1000 257 129"),
                    List.of(
                            "matmul 1024 256 1024", "matmul 4096 256 256", "matmul 2048 1152 1152", "matmul 32 1536 256",
                            "matmul 77 130 384"),
                    List.of(new Rival("onnxruntime", 1), new Rival("pytorch", 1), new Rival("openblas", 0.95))),
            new Group(
                    "batched",
                    List.of("batched 64 64 64 32", "batched 24 77 50 64"),
                    List.of("batched 128 16 16 64", "batched 24 256 64 256"),
                    List.of(new Rival("onnxruntime", 1), new Rival("pytorch", 1))),
            new Group(
                    "attention",
                    List.of("attention 16 64 8 32", "attention 4 256 6 64", "attention 1 1024 6 64"),
                    List.of("attention 16 64 6 64", "attention 4 256 8 32", "attention 1 1024 8 32"),
                    List.of(
                            new Rival("onnxruntime", 1.2), new Rival("onnxruntime-unfused", 1.2),
                            new Rival("pytorch", 1.2))),
            new Group(
                    "conv",
                    List.of("conv 1 64 64 64 3 1", "conv 1 128 32 128 3 1", "conv 1 256 16 256 3 1", "conv 1 512 8 512 3 1"),
                    List.of(
                            "conv 8 64 32 64 3 1", "conv 8 128 16 128 3 1", "conv 8 256 8 256 3 1", "conv 1 128 64 128 3 1"),
                    List.of(new Rival("pytorch", 2), new Rival("onnxruntime", 1.5))),
            new Group(
                    "conv-other",
                    List.of("conv 1 128 32 256 1 1", "conv 1 64 64 128 3 2", "depthwise 1 144 32", "upconv 1 128 16 128"),
                    List.of("conv 8 128 16 256 1 1", "depthwise 8 144 16"),
                    List.of(new Rival("pytorch", 0), new Rival("onnxruntime", 0))),
            new Group(
                    "convgrad",
                    List.of(
                            "convgrad 8 64 32 64 3 1", "convgrad 8 128 16 128 3 1", "convgrad 8 256 8 256 3 1",
                            "convgrad 2 64 64 64 3 1"),
                    List.of("convgrad 16 64 32 64 3 1", "convgrad 16 128 8 128 3 1"),
                    List.of(new Rival("pytorch", 1.3))),
            new Group("softmax", List.of("softmax 4096 256"), List.of("softmax 1000 77"), NORMS),
            new Group("layernorm", List.of("layernorm 4096 256"), List.of("layernorm 4096 1152"), NORMS),
            new Group("groupnorm", List.of("groupnorm 2 128 32 32"), List.of("groupnorm 8 256 32 16"), NORMS),
            new Group("gelu", List.of("gelu 4096 1024"), List.of("gelu 256 1536"), NORMS),
            new Group("silu", List.of("silu 4096 1024"), List.of("silu 256 1536"), NORMS),
            new Group(
                    "dit",
                    List.of("dit 2 32 2 384 6 6", "emoji 2"),
                    List.of("emoji 16"),
                    List.of(new Rival("onnxruntime", 1.2), new Rival("pytorch", 0))),
            new Group("decoder", List.of("decoder 1 8 64"), List.of(), List.of(new Rival("onnxruntime", 0))),
            new Group(
                    "decode",
                    List.of("decode 2 16 256 6 4 1024"),
                    List.of("decode 2 16 384 12 6 4096"),
                    List.of(new Rival("onnxruntime", 1.5))),
            new Group("training", List.of("training"), List.of(), List.of(new Rival("pytorch", 1.3))));

    /// The group of that name.
    ///
    /// @throws IllegalArgumentException when there is none
    static Group named(String name) {
        return ALL.stream()
                .filter(group -> group.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no group " + name + "; there are "
                        + Arrays.toString(ALL.stream().map(Group::name).toArray())));
    }
}
