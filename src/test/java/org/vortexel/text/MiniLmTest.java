package org.vortexel.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.vortexel.tensor.Shape;

class MiniLmTest {
    @Test
    void theTokenizerAndTheWeightsAgreeOnTheVocabulary() {
        OnnxInitializers weights = MiniLm.weights();
        assertEquals(
                MiniLm.tokenizer().vocabularySize(),
                weights.shape("embeddings.word_embeddings.weight").dim(0));
        assertEquals(Shape.of(1536, 384), weights.shape("encoder.layer.0.intermediate.dense.weight"));
        assertFalse(weights.names().stream().anyMatch(name -> name.contains("onnx")));
    }
}
