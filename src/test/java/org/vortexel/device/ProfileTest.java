package org.vortexel.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.vortexel.device.host.HostDevice;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

class ProfileTest {
    private static final Shape SHAPE = Shape.of(3, 8);

    private static Program program() {
        Recorder r = new Recorder();
        Tensor x = r.input("x", SHAPE);
        Tensor w = r.input("w", Shape.of(5, 8));
        r.output("y", r.in("head", () -> x.layerNorm(1e-5f).linear(w).gelu()));
        return r.program();
    }

    /// Events of two runs; they are the program's ops, with all of its FLOPs and in order of time.
    private static List<JsonNode> events(Device device) throws IOException {
        Profile profile = new Profile();
        try (Device opened = device;
                Player player = opened.profiled(profile).load(program(), new Weights())) {
            player.set("x", Philox.of(1).normal(SHAPE))
                    .set("w", Philox.of(2).normal(Shape.of(5, 8)))
                    .run();
            player.run();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        profile.write(out);
        List<JsonNode> events = new ArrayList<>();
        double flops = 0;
        double time = 0;
        for (JsonNode event : new ObjectMapper().readTree(out.toByteArray()).path("traceEvents")) {
            if (event.path("ph").asText().equals("X")) {
                events.add(event);
                flops += event.at("/args/flops").asDouble();
                assertTrue(event.path("dur").asDouble() > 0, event.toString());
                assertTrue(event.path("ts").asDouble() >= time, event.toString());
                time = event.path("ts").asDouble();
            }
        }
        assertEquals(2 * program().flops(), flops);
        return events;
    }

    @Test
    void everyOpIsAnEvent() throws IOException {
        List<JsonNode> events = events(TestDevice.plain(1));
        assertEquals(6, events.size());
        JsonNode linear = events.get(1);
        assertEquals("Linear", linear.path("name").asText());
        assertEquals("head", linear.at("/args/layer").asText());
        assertEquals(4 * (3 * 8 + 5 * 8 + 3 * 5), linear.at("/args/bytes").asInt());
        assertEquals(2 * 3 * 8 * 5, linear.at("/args/flops").asInt());
    }

    @Test
    void opsThatAreDoneAsOneAreOneEvent() throws IOException {
        List<JsonNode> events = events(HostDevice.of(1));
        assertEquals(4, events.size());
        assertEquals("Linear + Activation.GELU", events.get(3).path("name").asText());
    }

    @Test
    void onlyTheFirstEventsAreKept() {
        Profile profile = new Profile();
        Profile.Work work = new Profile.Work("op", "", 0, 0);
        for (int i = 0; i < Profile.MOST + 2; i++) {
            profile.add(1, work, System.nanoTime(), 1);
        }
        assertEquals(2, profile.left());
    }
}
