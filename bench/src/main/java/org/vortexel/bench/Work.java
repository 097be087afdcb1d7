package org.vortexel.bench;

/// One piece of work and its sizes, written as JMH's parameter: `matmul 4096 256 1024`.
///
/// | kind        | sizes                    | what                                                                |
/// |-------------|--------------------------|---------------------------------------------------------------------|
/// | `matmul`    | M N K                    | `x Wᵀ`, x (M, K), W (N, K): a layer of the DiT                      |
/// | `attention` | N T heads head width     | softmax(q kᵀ) v on (N, T, D) tokens, layout changes included        |
/// | `layernorm` | rows width               | without weight and bias                                             |
/// | `softmax`   | rows width               |                                                                     |
/// | `gelu`      | rows width               | the erf form                                                        |
/// | `silu`      | rows width               |                                                                     |
/// | `training`  |                          | a step of training the model that ships                             |
/// | `peak`      |                          | multiply-adds in registers                                          |
record Work(String kind, int[] sizes) {
    static Work of(String text) {
        String[] words = text.split(" ");
        int[] sizes = new int[words.length - 1];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = Integer.parseInt(words[i + 1]);
        }
        return new Work(words[0], sizes);
    }

    int size(int i) {
        return sizes[i];
    }

    /// Floating point operations of a matrix product.
    static double flops(String text) {
        Work work = of(text);
        return 2.0 * work.size(0) * work.size(1) * work.size(2);
    }
}
