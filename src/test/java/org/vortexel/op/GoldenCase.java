package org.vortexel.op;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.vortexel.checkpoint.Golden;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.device.Player;
import org.vortexel.program.Recorder;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// One case of the golden ops: its call, its settings and its tensors, which are recorded as inputs when asked for.
final class GoldenCase {
    /// The worst error of a case, as a part of what is allowed.
    record Deviation(String tensor, double relative, double allowed) {
        double part() {
            return relative / allowed;
        }
    }

    private final SafeTensors file;
    private final JsonNode about;
    private final String prefix;
    private final Recorder recorder = new Recorder();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();

    GoldenCase(Golden golden, JsonNode about) {
        this.file = golden.file();
        this.about = about;
        this.prefix = "op/" + op() + "/" + about.path("case").asText() + "/";
    }

    String op() {
        return about.path("op").asText();
    }

    /// `softmax/2d`.
    String name() {
        return op() + "/" + about.path("case").asText();
    }

    /// The call in the reference's words.
    String call() {
        return about.path("call").asText();
    }

    Recorder recorder() {
        return recorder;
    }

    // ---- settings

    boolean has(String attribute) {
        return about.path("attrs").has(attribute);
    }

    JsonNode attribute(String name) {
        if (!has(name)) {
            throw new IllegalArgumentException(name() + " has no attribute " + name);
        }
        return about.path("attrs").get(name);
    }

    float number(String attribute) {
        return (float) attribute(attribute).asDouble();
    }

    int whole(String attribute) {
        return attribute(attribute).asInt();
    }

    boolean flag(String attribute) {
        return has(attribute) && attribute(attribute).asBoolean();
    }

    String text(String attribute) {
        return attribute(attribute).asText();
    }

    /// A list of whole numbers; empty when the attribute is missing.
    int[] wholes(String attribute) {
        return has(attribute)
                ? IntStream.range(0, attribute(attribute).size())
                        .map(i -> attribute(attribute).get(i).asInt())
                        .toArray()
                : new int[0];
    }

    // ---- tensors

    /// What stands behind `kind` in the names of this case's tensors, such as all of `in.*`.
    List<String> names(String kind) {
        return file.names().stream()
                .filter(n -> n.startsWith(prefix + kind + "."))
                .map(n -> n.substring(prefix.length() + kind.length() + 1))
                .sorted()
                .toList();
    }

    boolean hasInput(String name) {
        return file.names().contains(prefix + "in." + name) || file.names().contains(prefix + "param." + name);
    }

    /// The input or parameter `name`.
    Tensor in(String name) {
        String stored = stored(name);
        Shape shape = file.shape(stored);
        return inputs.computeIfAbsent(
                name,
                n -> file.info(stored).dtype().name().startsWith("I")
                        ? recorder.ids(n, shape)
                        : recorder.input(n, shape));
    }

    /// The numbers of a tensor of this case, `in.x`.
    NdArray array(String name) {
        return file.array(prefix + name);
    }

    /// The ids of a tensor of this case, `in.label`.
    int[] ids(String name) {
        return file.ints(prefix + name);
    }

    private String stored(String name) {
        return file.names().contains(prefix + "in." + name) ? prefix + "in." + name : prefix + "param." + name;
    }

    /// Copies the inputs that were recorded.
    void set(Player player) {
        inputs.forEach((name, tensor) -> {
            if (tensor.dtype() == DType.I32) {
                player.set(name, file.ints(stored(name)));
            } else {
                player.set(name, file.array(stored(name)));
            }
        });
    }

    // ---- the rule of comparison

    /// `max |got - ref| <= tol * max |ref|` over finite entries, absolutely with `tol * 1e-3` where `max |ref| <
    /// 1e-3`.
    Deviation deviation(String name, NdArray got) {
        String bound = name.startsWith("grad.") ? "tol_grad" : "tol_out";
        double allowed = about.path(about.has(bound) ? bound : "tol_rel").asDouble();
        NdArray wanted = array(name);
        if (!wanted.shape().equals(got.shape())) {
            throw new AssertionError(name() + " " + name + " should be " + wanted.shape() + " but is " + got.shape());
        }
        double largest = 1e-3;
        double difference = 0;
        for (int i = 0; i < wanted.data().length; i++) {
            float w = wanted.data()[i];
            float g = got.data()[i];
            if (Float.isFinite(w)) {
                largest = Math.max(largest, Math.abs(w));
                double d = Math.abs((double) w - g);
                difference = Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.max(difference, d);
            } else if (Float.compare(w, g) != 0) {
                difference = Double.POSITIVE_INFINITY;
            }
        }
        return new Deviation(name() + "/" + name, difference / largest, allowed);
    }

    /// All cases of a file.
    static List<GoldenCase> all(Golden golden) {
        List<GoldenCase> cases = new ArrayList<>();
        golden.about().path("cases").forEach(about -> cases.add(new GoldenCase(golden, about)));
        return cases;
    }
}
