package org.vortexel.text;

/// The sizes of a BERT encoder.
///
/// @param vocabulary word pieces, V
/// @param width numbers per token, D
/// @param layers transformer layers
/// @param heads attention heads; divides the width
/// @param hidden numbers between the two halves of a feed-forward network
/// @param positions the longest text in tokens
/// @param types token types (first or second sentence)
/// @param eps of every layer norm
public record BertConfig(
        int vocabulary, int width, int layers, int heads, int hidden, int positions, int types, float eps) {
    public BertConfig {
        if (vocabulary < 1 || width < 1 || layers < 0 || hidden < 1 || positions < 1 || types < 1) {
            throw new IllegalArgumentException("Bert: every size must be at least 1");
        }
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException("Bert: width " + width + " is not a multiple of " + heads + " heads");
        }
    }

    /// all-MiniLM-L6-v2: 6 layers of 384.
    public static BertConfig miniLmL6() {
        return new BertConfig(30_522, 384, 6, 12, 1536, 512, 2, 1e-12f);
    }
}
