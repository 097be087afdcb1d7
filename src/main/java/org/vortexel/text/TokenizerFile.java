package org.vortexel.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.checkpoint.WeightsException;

/// Reads the vocabulary of a [WordPiece] from a `tokenizer.json`, the file of Hugging Face `tokenizers`.
final class TokenizerFile {
    private TokenizerFile() {}

    /// The tokenizer that the file describes.
    ///
    /// @param source the file or resource, for messages
    /// @throws WeightsException when the file describes another kind of tokenizer than BERT's lower-case one
    static WordPiece read(String source, InputStream in) {
        JsonNode file;
        try {
            file = new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw WeightsException.file(source, "the tokenizer cannot be read: " + e.getMessage(), e);
        }
        require(source, file, "/model/type", "WordPiece");
        require(source, file, "/model/unk_token", "[UNK]");
        require(source, file, "/model/continuing_subword_prefix", "##");
        require(source, file, "/model/max_input_chars_per_word", "100");
        require(source, file, "/normalizer/type", "BertNormalizer");
        require(source, file, "/normalizer/lowercase", "true");
        require(source, file, "/normalizer/clean_text", "true");
        require(source, file, "/normalizer/handle_chinese_chars", "true");
        require(source, file, "/pre_tokenizer/type", "BertPreTokenizer");

        Map<String, Integer> vocabulary = new HashMap<>();
        file.at("/model/vocab")
                .properties()
                .forEach(
                        entry -> vocabulary.put(entry.getKey(), entry.getValue().asInt()));
        List<String> special = new ArrayList<>();
        for (JsonNode token : file.path("added_tokens")) {
            special.add(token.path("content").asText());
        }
        try {
            return new WordPiece(vocabulary, special);
        } catch (IllegalArgumentException e) {
            throw WeightsException.file(source, "this is no BERT tokenizer: " + e.getMessage(), e);
        }
    }

    private static void require(String source, JsonNode file, String pointer, String wanted) {
        String found = file.at(pointer).asText();
        if (!found.equals(wanted)) {
            throw WeightsException.file(
                    source, pointer + " is \"" + found + "\" but only \"" + wanted + "\" can be read");
        }
    }
}
