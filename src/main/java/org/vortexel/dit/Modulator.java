package org.vortexel.dit;

import java.util.List;
import java.util.Optional;
import org.vortexel.nn.Linear;
import org.vortexel.op.Embedding;
import org.vortexel.op.Tensor;

/// The activated condition, from which every block makes its modulation. With times of their own for
/// tokens most tokens
/// still share theirs with many others; then the condition is a table of the different ones, and the
/// modulation is made
/// once for each and looked up by the tokens.
///
/// @param condition (N, 1, D), (N, T, D), or a table (R, D)
/// @param rows which row of the table every token has, (N, T)
record Modulator(Tensor condition, Optional<Tensor> rows) {
    /// What `layer`, D to M, makes of it, in equal parts: each (N, 1, M / parts) or (N, T, M / parts).
    List<Tensor> through(Linear layer, int parts) {
        List<Tensor> made = layer.forward(condition).chunk(parts, -1);
        return rows.map(ids ->
                        made.stream().map(part -> Embedding.of(part, ids)).toList())
                .orElse(made);
    }

    /// A table of times.
    ///
    /// @param picture which picture every row of the table belongs to, (R)
    /// @param token which row every token has, (N, T)
    record Table(Tensor picture, Tensor token) {}

    /// The sum of time and condition, activated.
    ///
    /// @param time embedded, (N, D), (N, T, D) or, with a table, (R, D)
    /// @param vector of the condition, (N, D)
    static Modulator of(Tensor time, Tensor vector, Optional<Table> table) {
        if (table.isPresent()) {
            Tensor own = Embedding.of(vector, table.get().picture()); // (R, D)
            return new Modulator(time.add(own).silu(), Optional.of(table.get().token()));
        }
        return new Modulator(perToken(time).add(perToken(vector)).silu(), Optional.empty());
    }

    /// Vectors of one per picture, (N, D), as (N, 1, D); vectors per token stay.
    private static Tensor perToken(Tensor vectors) {
        return vectors.shape().rank() == 2 ? vectors.reshape(vectors.dim(0), 1, vectors.dim(1)) : vectors;
    }
}
