package org.vortexel.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vortexel.op.Tensor;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

@SuppressWarnings("NullAway.Init")
class WeightSourceTest {
    @TempDir
    Path folder;

    private SafeTensors weights;

    @BeforeEach
    void write() {
        Path path = folder.resolve("w.safetensors");
        SafeTensorsWriter.write(
                path,
                List.of(
                        StoredTensor.of("a", NdArray.of(Shape.of(2), 1, 2)),
                        StoredTensor.of("b", NdArray.of(Shape.of(1, 2), 3, 4))),
                Map.of());
        weights = SafeTensors.open(path);
    }

    @AfterEach
    void close() {
        weights.close();
    }

    private String refusal(WeightSource weights, Map<String, Shape> wanted) {
        return assertThrows(WeightsException.class, () -> weights.exactly(wanted))
                .getMessage();
    }

    @Test
    void exactNamesAndShapesComeInTheOrderWanted() {
        Map<String, Shape> wanted = new LinkedHashMap<>();
        wanted.put("b", Shape.of(1, 2));
        wanted.put("a", Shape.of(2));
        Weights got = weights.exactly(wanted);
        assertEquals(List.of("b", "a"), List.copyOf(got.asMap().keySet()));
        assertEquals(NdArray.of(Shape.of(2), 1, 2), got.get("a"));
    }

    @Test
    void aProgramGetsItsParameters() {
        Recorder recorder = new Recorder();
        Tensor b = recorder.parameter("b", Shape.of(1, 2));
        recorder.output("y", b.add(recorder.parameter("a", Shape.of(2))));
        Weights got = weights.weightsOf(recorder.program());
        assertEquals(NdArray.of(Shape.of(1, 2), 3, 4), got.get("b"));
    }

    @Test
    void missingAndLeftOverNamesAreBothTold() {
        String message = refusal(weights, Map.of("a", Shape.of(2), "c", Shape.of(1)));
        assertTrue(
                message.endsWith(
                        "the model wants c, which the file does not have; the file has b, which the model does not"
                                + " want"),
                message);
    }

    @Test
    void aWrongShapeIsTold() {
        String message = refusal(weights, Map.of("a", Shape.of(2), "b", Shape.of(2, 1)));
        assertTrue(message.endsWith("tensor \"b\" has shape (1, 2) but (2, 1) is wanted"), message);
    }

    @Test
    void renamingMovesAndDrops() {
        WeightSource renamed = weights.renamed(name -> name.equals("a") ? "x.a" : "");
        assertEquals(
                Map.of("x.a", NdArray.of(Shape.of(2), 1, 2)),
                renamed.exactly(Map.of("x.a", Shape.of(2))).asMap());
        assertThrows(WeightsException.class, () -> renamed.array("a"));
    }

    @Test
    void renamingTwoToOneIsRefused() {
        assertThrows(WeightsException.class, () -> weights.renamed(name -> "same"));
    }
}
