package org.vortexel.device;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.tensor.Shape;

/// What every op takes on a device, for `chrome://tracing`, Perfetto and other viewers of Chrome's trace format.
///
/// Every program has a row of its own. An event has the op's name, the layer it belongs to, how many floating point
/// operations it does (of products, convolutions and attention, [org.vortexel.op.Op#flops]) and the bytes of the
/// tensors that it reads and writes, each counted once.
public final class Profile {
    /// So many events are kept, the first ones; a file of them has some 100 MB.
    public static final int MOST = 500_000;

    private static final double NANOS_PER_MICRO = 1e3;

    private final long zero = System.nanoTime();
    private final List<String> rows = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private long left;

    /// A profile without events.
    public Profile() {}

    /// What is done between two looks at the clock.
    ///
    /// @param op the op, or ops that are done as one
    /// @param layer the path of layers it was recorded in
    /// @param flops floating point operations of one run
    /// @param bytes of its tensors
    public record Work(String op, String layer, double flops, long bytes) {
        /// Some nodes that are done as one.
        public static Work of(List<Node> nodes) {
            double flops = 0;
            long bytes = 0;
            List<String> ops = new ArrayList<>();
            for (Node node : nodes) {
                flops += node.op().flops(shapes(node.inputs()), shapes(node.outputs()));
                bytes += bytes(node.inputs()) + bytes(node.outputs());
                ops.add(node.op().name());
            }
            return new Work(String.join(" + ", ops), nodes.getLast().layer(), flops, bytes);
        }

        private static List<Shape> shapes(List<Tensor> tensors) {
            return tensors.stream().map(Tensor::shape).toList();
        }

        private static long bytes(List<Tensor> tensors) {
            return tensors.stream()
                    .distinct()
                    .mapToLong(tensor -> (long) Float.BYTES * tensor.size())
                    .sum();
        }
    }

    private record Event(int row, Work work, long start, long nanos) {}

    /// Begins a row of events.
    synchronized int row(String name) {
        rows.add(name);
        return rows.size();
    }

    /// A row for a program of `device`.
    public int row(String device, int ops) {
        return row("program " + (rows.size() + 1) + ": " + ops + " ops on " + device);
    }

    /// Notes an event.
    ///
    /// @param start by [System#nanoTime]
    /// @param nanos how long it took, in nanoseconds
    public synchronized void add(int row, Work work, long start, long nanos) {
        if (events.size() < MOST) {
            events.add(new Event(row, work, start - zero, nanos));
        } else {
            left++;
        }
    }

    /// How many events came too late to be kept.
    public synchronized long left() {
        return left;
    }

    /// Writes all events as JSON to `out`, which stays open.
    public synchronized void write(OutputStream out) throws IOException {
        try (JsonGenerator json =
                new JsonFactory().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            json.writeStartObject();
            json.writeStringField("displayTimeUnit", "ms");
            json.writeArrayFieldStart("traceEvents");
            for (int i = 0; i < rows.size(); i++) {
                json.writeStartObject();
                json.writeStringField("ph", "M");
                json.writeStringField("name", "thread_name");
                json.writeNumberField("pid", 1);
                json.writeNumberField("tid", i + 1);
                json.writeObjectFieldStart("args");
                json.writeStringField("name", rows.get(i));
                json.writeEndObject();
                json.writeEndObject();
            }
            for (Event event : events) {
                write(json, event);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void write(JsonGenerator json, Event event) throws IOException {
        Work work = event.work;
        json.writeStartObject();
        json.writeStringField("ph", "X");
        json.writeStringField("name", work.op);
        json.writeNumberField("pid", 1);
        json.writeNumberField("tid", event.row);
        json.writeNumberField("ts", event.start / NANOS_PER_MICRO);
        json.writeNumberField("dur", event.nanos / NANOS_PER_MICRO);
        json.writeObjectFieldStart("args");
        json.writeStringField("layer", work.layer);
        json.writeNumberField("bytes", work.bytes);
        json.writeNumberField("flops", work.flops);
        json.writeEndObject();
        json.writeEndObject();
    }
}
