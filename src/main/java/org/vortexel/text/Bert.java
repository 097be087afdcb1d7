package org.vortexel.text;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.vortexel.nn.Embedding;
import org.vortexel.nn.LayerNorm;
import org.vortexel.nn.Linear;
import org.vortexel.nn.Params;
import org.vortexel.op.Attention;
import org.vortexel.op.Tensor;

/// A BERT encoder: every token looks at every other, and each sub-layer is normalised after its residual.
///
/// `x = norm(word + position + type)`; then for each layer `x = norm(x + attention(x))`, `x = norm(x + ffn(x))`.
///
/// Parameter names are the state-dict keys of `transformers.BertModel`.
///
/// Source: Devlin et al. 2018, [arXiv:1810.04805](https://arxiv.org/abs/1810.04805), section 3.
///
/// @param config the sizes
/// @param words (V, D)
/// @param positions (longest text, D)
/// @param types (types, D)
/// @param norm of the sum of the three
/// @param layers in order
public record Bert(
        BertConfig config, Embedding words, Embedding positions, Embedding types, LayerNorm norm, List<Layer> layers) {
    /// One layer.
    ///
    /// @param heads attention heads
    /// @param query (…, D) to (…, D), each head after head; so are `key` and `value`
    /// @param attended (…, D) to (…, D), of what the heads gathered
    /// @param attentionNorm after the first residual
    /// @param rise (…, D) to (…, hidden), followed by an exact GELU
    /// @param fall (…, hidden) to (…, D)
    /// @param outputNorm after the second residual
    public record Layer(
            int heads,
            Linear query,
            Linear key,
            Linear value,
            Linear attended,
            LayerNorm attentionNorm,
            Linear rise,
            Linear fall,
            LayerNorm outputNorm) {
        static Layer of(Params params, BertConfig config) {
            int width = config.width();
            Params attention = params.in("attention");
            return new Layer(
                    config.heads(),
                    Linear.of(attention.in("self").in("query"), width, width),
                    Linear.of(attention.in("self").in("key"), width, width),
                    Linear.of(attention.in("self").in("value"), width, width),
                    Linear.of(attention.in("output").in("dense"), width, width),
                    LayerNorm.of(attention.in("output").in("LayerNorm"), width, config.eps()),
                    Linear.of(params.in("intermediate").in("dense"), width, config.hidden()),
                    Linear.of(params.in("output").in("dense"), config.hidden(), width),
                    LayerNorm.of(params.in("output").in("LayerNorm"), width, config.eps()));
        }

        Tensor forward(Tensor x, Tensor mask) {
            Tensor gathered =
                    Attention.of(query.forward(x), key.forward(x), value.forward(x), heads, mask, false); // (N, L, D)
            Tensor y = attentionNorm.forward(x.add(attended.forward(gathered))); // (N, L, D)
            Tensor z = fall.forward(rise.forward(y).gelu()); // (N, L, D)
            return outputNorm.forward(y.add(z)); // (N, L, D)
        }
    }

    /// Declares the parameters of an encoder.
    public static Bert of(Params params, BertConfig config) {
        Params embeddings = params.in("embeddings");
        Params encoder = params.in("encoder").in("layer");
        return new Bert(
                config,
                Embedding.of(embeddings.in("word_embeddings"), config.vocabulary(), config.width()),
                Embedding.of(embeddings.in("position_embeddings"), config.positions(), config.width()),
                Embedding.of(embeddings.in("token_type_embeddings"), config.types(), config.width()),
                LayerNorm.of(embeddings.in("LayerNorm"), config.width(), config.eps()),
                IntStream.range(0, config.layers())
                        .mapToObj(i -> Layer.of(encoder.in(Integer.toString(i)), config))
                        .toList());
    }

    /// The states of all tokens: first the embedding's, then each layer's; the last are the encoder's result.
    ///
    /// @param ids word pieces (N, L)
    /// @param typeIds token types (N, L)
    /// @param mask (N, 1, 1, L): 0 for tokens, a large negative number for padding
    /// @return one (N, L, D) more than there are layers
    public List<Tensor> forward(Tensor ids, Tensor typeIds, Tensor mask) {
        int length = ids.dim(1);
        if (length > config.positions()) {
            throw new IllegalArgumentException(
                    "Bert: a text of " + length + " tokens is longer than the " + config.positions() + " positions");
        }
        List<Tensor> states = new ArrayList<>();
        Tensor place = positions.table(ids).slice(0, 0, length); // (L, D)
        Tensor sum = words.forward(ids).add(types.forward(typeIds)).add(place); // (N, L, D)
        states.add(norm.forward(sum));
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            Tensor x = states.getLast();
            states.add(ids.tape().in("layer." + i, () -> layer.forward(x, mask)));
        }
        return states;
    }

    /// The mean of a text's own tokens.
    ///
    /// @param states (N, L, D)
    /// @param share (N, L, 1): 1 over the text's length for its tokens, 0 for padding
    /// @return (N, D)
    public static Tensor mean(Tensor states, Tensor share) {
        return states.mul(share).sum(false, 1);
    }

    /// The same direction at length 1: (N, D) to (N, D).
    public static Tensor unit(Tensor vector) {
        return vector.mul(vector.square().sum(true, -1).rsqrt());
    }
}
