package org.vortexel.bench;

/// One piece of work and its sizes, written as JMH's parameter: `matmul 4096 256 1024`.
///
/// | kind        | sizes                                     | what                                                    |
/// |-------------|-------------------------------------------|---------------------------------------------------------|
/// | `matmul`    | M N K                                     | `x Wᵀ`, x (M, K), W (N, K): a layer; the weights stay   |
/// | `batched`   | B M N K                                   | B products of small matrices, none of which stays       |
/// | `attention` | N T heads head width                      | softmax(q kᵀ) v on (N, T, 3 D) tokens, layouts included |
/// | `conv`      | N C side filters kernel stride            | with bias, zeros around by half a kernel                |
/// | `convgrad`  | as `conv`                                 | forward, then gradients of input, weight and bias       |
/// | `depthwise` | N C side                                  | 3 x 3, a filter for each channel                        |
/// | `upconv`    | N C side filters                          | nearest by 2, then 3 x 3                                |
/// | `layernorm` | rows width                                | without weight and bias                                 |
/// | `groupnorm` | N C groups side                           | with weight and bias                                    |
/// | `softmax`   | rows width                                |                                                         |
/// | `gelu`      | rows width                                | the erf form                                            |
/// | `silu`      | rows width                                |                                                         |
/// | `dit`       | N side patch width depth heads            | a step of a DiT with class labels, 4 channels           |
/// | `emoji`     | N                                         | a step of the model that ships                          |
/// | `decoder`   | N side base                               | the decoder of a KL autoencoder, latents of that side   |
/// | `decode`    | N grid width depth heads vocabulary       | all tokens of a picture, one after the other            |
/// | `training`  |                                           | a step of training the model that ships                 |
/// | `peak`      |                                           | multiply-adds in registers                              |
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
        double product = 2;
        for (int size : work.sizes) {
            product *= size;
        }
        return product;
    }
}
