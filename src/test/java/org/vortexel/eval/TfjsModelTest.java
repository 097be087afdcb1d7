package org.vortexel.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.tensor.Shape;

class TfjsModelTest {
    private static final String ENTRIES = "{name:\"a\",shape:[2,2],dtype:\"float32\","
            + "quantization:{min:-.5,scale:25e-2,dtype:\"uint8\"}},"
            + "{name:\"b\",shape:[1],dtype:\"float32\",quantization:{min:-0,scale:1,dtype:\"uint8\"}}";

    private static byte[] description(String entries) {
        return text("!function(e){a.exports={modelTopology:{trainable:!1},weightsManifest:[{paths:[\"x\"],weights:["
                + entries + "]}]}},{}]},{},[1])(1)});");
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] weights(int... bytes) {
        byte[] raw = new byte[bytes.length];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) bytes[i];
        }
        return text("!function(e){a.exports=\"" + Base64.getEncoder().encodeToString(raw) + "\"},{}]},{},[1])(1)});");
    }

    @Test
    void bytesBecomeNumbersByScaleAndMinimum() {
        TfjsModel model = TfjsModel.read("here", description(ENTRIES), weights(0, 2, 4, 255, 7));
        assertEquals(Set.of("a", "b"), model.names());
        assertEquals(Shape.of(2, 2), model.shape("a"));
        assertArrayEquals(new float[] {-0.5f, 0, 0.5f, 63.25f}, model.array("a").data());
        assertArrayEquals(new float[] {7}, model.array("b").data());
        assertThrows(WeightsException.class, () -> model.array("c"));
    }

    @Test
    void moreOrFewerBytesThanListedAreRefused() {
        assertSentence("wants 5 bytes but there are 6", description(ENTRIES), weights(0, 0, 0, 0, 0, 0));
        assertSentence("lies beyond the 4 bytes", description(ENTRIES), weights(0, 0, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        shape:[2,2]      | shape:[-2,2]             | impossible shape
        shape:[2,2]      | shape:[65536,65536]      | impossible shape
        shape:[2,2]      | shape:[1,1,1,1,1,1,1,1,4]| has no shape
        shape:[2,2]      | shape:{}                 | has no shape
        shape:[2,2]      | shape:["2",2.5]          | impossible shape
        min:-.5          | min:"x"                  | not stored as bytes
        min:-.5          | min:1e999                | not stored as bytes
        scale:1          | scale:null               | not stored as bytes
        dtype:"uint8"    | dtype:"uint16"           | not stored as bytes
        name:"b"         | name:"a"                 | is there twice
        shape:[1]        | shape:[1                 | cannot be read
        """)
    void badEntriesAreRefused(String from, String to, String sentence) {
        assertSentence(sentence, description(ENTRIES.replace(from, to)), weights(0, 0, 0, 0, 0));
    }

    @Test
    void otherScriptsAreRefused() {
        assertSentence("has no weightsManifest", text("x"), weights(0));
        assertSentence("holds no string", description(ENTRIES), text("a.exports={}"));
        assertSentence("holds no string", description(ENTRIES), text("a.exports=\"AAAA"));
        assertSentence("is not Base64", description(ENTRIES), text("a.exports=\"A!\""));
        assertSentence("should have one group", text("weightsManifest:[]"), weights(0));
        assertSentence("should have one group", text("weightsManifest:"), weights(0));
    }

    private static void assertSentence(String wanted, byte[] model, byte[] weights) {
        var error = assertThrows(WeightsException.class, () -> TfjsModel.read("here", model, weights));
        assertTrue(error.getMessage().contains(wanted), error.getMessage());
        assertEquals(1, error.getMessage().lines().count());
    }
}
