package org.vortexel.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

class SafeTensorsTest {
    @TempDir
    Path folder;

    private Path file(long headerLength, byte[] header, byte[] data) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(headerLength).put(header).put(data);
        return Files.write(folder.resolve("weights.safetensors"), bytes.array());
    }

    private Path file(String header, int dataBytes) throws IOException {
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        return file(utf8.length, utf8, new byte[dataBytes]);
    }

    private static String refusal(Path path) {
        String message = assertThrows(WeightsException.class, () -> SafeTensors.open(path))
                .getMessage();
        assertTrue(message.startsWith(path + ": "), message);
        assertFalse(message.contains("\n"), message);
        assertTrue(message.length() < 600, message);
        return message;
    }

    @Nested
    class RoundTrip {
        private final List<StoredTensor> tensors = List.of(
                StoredTensor.of("half", StorageType.F16, NdArray.of(Shape.of(3), 1.5f, -0.1f, 70000f)),
                StoredTensor.of("z", NdArray.of(Shape.of(2, 2), 1, 2, 3, Float.MIN_VALUE)),
                StoredTensor.of("brain", StorageType.BF16, NdArray.of(Shape.of(1, 3), 1.00390625f, Float.NaN, 3e38f)),
                new StoredTensor.Longs("ids", Shape.of(2), new long[] {-1, 1L << 40}),
                new StoredTensor.Ints("labels", Shape.of(2), new int[] {Integer.MIN_VALUE, 7}),
                StoredTensor.of("a", NdArray.scalar(42)),
                StoredTensor.of("empty", NdArray.zeros(Shape.of(0, 4))));

        private Path write() {
            Path path = folder.resolve("w.safetensors");
            SafeTensorsWriter.write(path, tensors, Map.of("note", "zażółć \"gęślą\" \u0000 jaźń"));
            return path;
        }

        @Test
        void theOrderInWhichMetadataComesDoesNotChangeAByte() throws IOException {
            Map<String, String> one = new LinkedHashMap<>(Map.of("step", "3"));
            one.put("run", "r");
            Map<String, String> other = new LinkedHashMap<>(Map.of("run", "r"));
            other.put("step", "3");
            SafeTensorsWriter.write(folder.resolve("one"), tensors, one);
            SafeTensorsWriter.write(folder.resolve("other"), tensors, other);
            assertArrayEquals(Files.readAllBytes(folder.resolve("one")), Files.readAllBytes(folder.resolve("other")));
        }

        @Test
        void numbersNamesAndMetadataComeBack() {
            try (SafeTensors file = SafeTensors.open(write())) {
                assertEquals(Map.of("note", "zażółć \"gęślą\" \u0000 jaźń"), file.metadata());
                assertEquals(NdArray.of(Shape.of(2, 2), 1, 2, 3, Float.MIN_VALUE), file.array("z"));
                assertEquals(NdArray.scalar(42), file.array("a"));
                assertEquals(Shape.of(0, 4), file.array("empty").shape());
                assertArrayEquals(new long[] {-1, 1L << 40}, file.longs("ids"));
                assertArrayEquals(new int[] {Integer.MIN_VALUE, 7}, file.ints("labels"));
                assertArrayEquals(
                        new float[] {1.5f, Float.float16ToFloat(Float.floatToFloat16(-0.1f)), Float.POSITIVE_INFINITY},
                        file.floats("half"));
                assertArrayEquals(new double[] {1, 2, 3, Float.MIN_VALUE}, file.doubles("z"));
            }
        }

        @Test
        void brainFloatsRoundToNearestEven() {
            try (SafeTensors file = SafeTensors.open(write())) {
                float[] got = file.floats("brain");
                assertEquals(1f, got[0], "1 + 2^-8 is a tie between 1 and 1 + 2^-7");
                assertTrue(Float.isNaN(got[1]));
                assertEquals(3e38f, got[2], 3e38f / 256);
            }
        }

        @Test
        void widerNumbersComeFirstAndOrderIsOtherwiseKept() {
            try (SafeTensors file = SafeTensors.open(write())) {
                assertEquals(List.of("ids", "z", "labels", "a", "empty", "half", "brain"), List.copyOf(file.names()));
                assertEquals(0, file.info("z").begin() % 4);
            }
        }

        @Test
        void sameTensorsGiveSameBytes() throws IOException {
            byte[] first = Files.readAllBytes(write());
            assertArrayEquals(first, Files.readAllBytes(write()));
            assertEquals(
                    0, ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
        }

        @Test
        void longTensorsAreWrittenWhole() {
            float[] data = new float[100_003];
            for (int i = 0; i < data.length; i++) {
                data[i] = i;
            }
            Path path = folder.resolve("long.safetensors");
            SafeTensorsWriter.write(
                    path,
                    List.of(
                            StoredTensor.of("x", NdArray.of(Shape.of(data.length), data)),
                            StoredTensor.of("y", StorageType.BF16, NdArray.of(Shape.of(data.length), data))),
                    Map.of());
            try (SafeTensors file = SafeTensors.open(path)) {
                assertArrayEquals(data, file.floats("x"));
                assertEquals(data[100_002], file.floats("y")[100_002], data[100_002] / 256);
            }
        }

        @Test
        void everyIntegerTypeIsWidened() throws IOException {
            String header = """
                {"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[2],"data_offsets":[4,6]},\
                "c":{"dtype":"U8","shape":[2],"data_offsets":[6,8]},"d":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]},\
                "e":{"dtype":"F64","shape":[1],"data_offsets":[10,18]}}\
                """;
            byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
            byte[] data = {-2, -1, 1, 1, -1, 5, -1, 5, 0, 2, 0, 0, 0, 0, 0, 0, (byte) 0xF8, 0x3F};
            try (SafeTensors file = SafeTensors.open(file(utf8.length, utf8, data))) {
                assertArrayEquals(new long[] {-2, 257}, file.longs("a"));
                assertArrayEquals(new long[] {-1, 5}, file.longs("b"));
                assertArrayEquals(new long[] {255, 5}, file.longs("c"));
                assertArrayEquals(new int[] {0, 1}, file.ints("d"));
                assertArrayEquals(new double[] {1.5}, file.doubles("e"));
            }
        }

        @Test
        void twoTensorsOfOneNameAreRefused() {
            NdArray x = NdArray.scalar(1);
            Path path = folder.resolve("twice.safetensors");
            assertThrows(
                    IllegalArgumentException.class,
                    () -> SafeTensorsWriter.write(
                            path, List.of(StoredTensor.of("x", x), StoredTensor.of("x", x)), Map.of()));
            assertFalse(Files.exists(path));
        }
    }

    @Nested
    class WrongUse {
        private Path path() {
            Path path = folder.resolve("w.safetensors");
            SafeTensorsWriter.write(
                    path,
                    List.of(
                            StoredTensor.of("x", NdArray.scalar(1)),
                            new StoredTensor.Longs("ids", Shape.of(1), new long[] {1L << 40})),
                    Map.of());
            return path;
        }

        @Test
        void theWrongDtypeIsNamed() {
            try (SafeTensors file = SafeTensors.open(path())) {
                WeightsException e = assertThrows(WeightsException.class, () -> file.floats("ids"));
                assertEquals("ids", e.tensor());
                assertTrue(e.getMessage().endsWith("has dtype I64 but F32, F16 or BF16 is wanted"), e.getMessage());
                assertThrows(WeightsException.class, () -> file.longs("x"));
                assertThrows(WeightsException.class, () -> file.doubles("ids"));
                assertThrows(WeightsException.class, () -> file.ints("ids"));
                assertThrows(WeightsException.class, () -> file.array("y"));
            }
        }

        @Test
        void aClosedFileSaysSo() {
            SafeTensors file = SafeTensors.open(path());
            file.close();
            file.close();
            assertTrue(assertThrows(IllegalStateException.class, () -> file.floats("x"))
                    .getMessage()
                    .endsWith("is closed"));
        }
    }

    @Nested
    class HostileFiles {
        @Test
        void missingAndTooShortFilesAreRefused() throws IOException {
            assertTrue(refusal(folder.resolve("none")).endsWith("there is no such file"));
            assertTrue(refusal(folder).endsWith("this is not a file"));
            assertTrue(
                    refusal(Files.write(folder.resolve("short"), new byte[7])).contains("7 bytes"));
        }

        @ParameterizedTest
        @CsvSource({"1152921504606846976", "-1", "9223372036854775807", "100000001", "3"})
        void aHeaderLongerThanTheFileIsRefused(long length) throws IOException {
            assertTrue(refusal(file(length, "{}".getBytes(StandardCharsets.UTF_8), new byte[0]))
                    .contains(Long.toUnsignedString(length) + " bytes but at most 2 are possible"));
        }

        @Test
        void anEmptyHeaderIsRefused() throws IOException {
            assertTrue(refusal(file("", 0)).contains("does not begin with '{'"));
        }

        @Test
        void everyTruncationIsRefused() throws IOException {
            Path whole = folder.resolve("whole");
            SafeTensorsWriter.write(whole, List.of(StoredTensor.of("x", NdArray.zeros(Shape.of(3)))), Map.of("k", "v"));
            byte[] bytes = Files.readAllBytes(whole);
            for (int length = 0; length < bytes.length; length++) {
                refusal(Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(bytes, length)));
            }
        }

        @Test
        void bytesThatAreNotUtf8AreRefused() throws IOException {
            byte[] header = "{\"?\":{}}".getBytes(StandardCharsets.ISO_8859_1);
            header[2] = (byte) 0xFF;
            assertTrue(refusal(file(header.length, header, new byte[0])).endsWith("the header is not UTF-8 text"));
        }

        @Test
        void deepNestingIsRefused() throws IOException {
            refusal(file("{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}", 0));
            refusal(file("{\"x\":" + "{\"y\":".repeat(50_000) + "1" + "}".repeat(50_000) + "}", 0));
        }

        @ParameterizedTest
        @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            x:1 | not valid JSON
            "x":1 | not an object
            "x":[] | not an object
            "__metadata__":[] | __metadata__ is not an object
            "__metadata__":{"a":1} | __metadata__ entry "a" is not a string
            "__metadata__":{"a":"1","a":"2"} | Duplicate
            "__metadata__":{},"__metadata__":{} | Duplicate
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} | Duplicate
            "x":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]} | Duplicate
            "x":{"shape":[2],"data_offsets":[0,8]} | has no dtype
            "x":{"dtype":"F32","data_offsets":[0,8]} | has no shape
            "x":{"dtype":"F32","shape":[2]} | has no data_offsets
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":0} | unknown field "more"
            "x":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]} | dtype "F8_E4M3" but only F64, F32
            "x":{"dtype":7,"shape":[8],"data_offsets":[0,8]} | dtype "" but only F64, F32
            "x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]} | has -2 in its shape
            "x":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]} | has 2.0 in its shape
            "x":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]} | has 99999999999999999999 in its shape
            "x":{"dtype":"F32","shape":[[2]],"data_offsets":[0,8]} | in its shape
            "x":{"dtype":"F32","shape":2,"data_offsets":[0,8]} | a shape that is not a list
            "x":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]} | more than 32 numbers
            "x":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]} | more than one Java array can hold
            "x":{"dtype":"F32","shape":[65536,65536,65536,65536],"data_offsets":[0,8]} | more than one Java array can hold
            "x":{"dtype":"F32","shape":[4294967298],"data_offsets":[0,8]} | more than one Java array can hold
            "x":{"dtype":"F32","shape":[1073741826],"data_offsets":[0,8]} | takes 4294967304 bytes, but 8
            "x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]} | takes 12 bytes, but 8
            "x":{"dtype":"F16","shape":[2],"data_offsets":[0,8]} | takes 4 bytes, but 8
            "x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]} | data_offsets [8, 0] outside
            "x":{"dtype":"F32","shape":[2],"data_offsets":[4,12]} | data_offsets [4, 12] outside
            "x":{"dtype":"F32","shape":[2],"data_offsets":[-4,4]} | has -4 in its data_offsets
            "x":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]} | outside
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]} | more than 2 numbers
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0]} | data_offsets [0] outside
            "x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]} | leaves 4 bytes before it
            "x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]} | the last 4 bytes of the file belong to no tensor
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]} | overlaps
            "x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} | overlaps
            """)
        void eachFaultIsOneSentence(String entries, String sentence) throws IOException {
            String message = refusal(file("{" + entries + "}", 8));
            assertTrue(message.contains(sentence), message);
        }

        @Test
        void textAfterTheHeaderIsRefusedButSpacesAreNot() throws IOException {
            refusal(file("{}{}", 0));
            SafeTensors.open(file("{}   ", 0)).close();
        }

        @Test
        void randomDamageGivesAHeaderOrASentence() {
            byte[] header = """
                {"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
                "b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}\
                """.getBytes(StandardCharsets.UTF_8);
            Random random = new Random(1);
            int refused = 0;
            for (int round = 0; round < 20_000; round++) {
                byte[] damaged = header.clone();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    damaged[random.nextInt(damaged.length)] = (byte)
                            (random.nextBoolean()
                                    ? random.nextInt(256)
                                    : "0123456789{}[]\",:-e".charAt(random.nextInt(19)));
                }
                try {
                    SafeTensorsHeader.parse("x", ByteBuffer.wrap(damaged), 32)
                            .tensors()
                            .values()
                            .forEach(t -> assertTrue(t.begin() >= 0 && t.end() <= 32));
                } catch (WeightsException e) {
                    refused++;
                }
            }
            assertTrue(refused > 10_000, "only " + refused + " refused");
        }

        @Test
        void aNameFullOfControlCharactersDoesNotReachTheTerminal() throws IOException {
            String message = refusal(file("{\"\\u001b[2J\\n" + "x".repeat(5000) + "\":1}", 0));
            assertTrue(message.chars().noneMatch(Character::isISOControl), message);
        }
    }
}
