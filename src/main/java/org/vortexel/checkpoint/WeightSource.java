package org.vortexel.checkpoint;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.vortexel.op.Tensor;
import org.vortexel.program.Program;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Named arrays from a file, before a model takes them.
///
/// [#exactly] is the way into a model: it compares the names and shapes of both sides as sets, so that a weight that
/// was
/// forgotten, misspelt or left over is an error with its name, never a silently random layer.
public interface WeightSource {
    /// The file or resource, for messages.
    String source();

    /// Every name, in the file's order.
    Set<String> names();

    /// The shape of one array.
    ///
    /// @throws WeightsException when the name is not there
    Shape shape(String name);

    /// One array as float, for the caller to keep.
    ///
    /// @throws WeightsException when the name is not there, or is not stored as a floating-point number
    NdArray array(String name);

    /// The parameters of a recorded program, when they are exactly the arrays that are here.
    ///
    /// @throws WeightsException as [#exactly]
    default Weights weightsOf(Program program) {
        Map<String, Shape> wanted = new LinkedHashMap<>();
        for (String name : program.parameterNames()) {
            Tensor parameter = program.parameters().get(name);
            if (parameter != null) {
                wanted.put(name, parameter.shape());
            }
        }
        return exactly(wanted);
    }

    /// The arrays a model wants, when they are exactly those that are here.
    ///
    /// @param wanted every parameter of the model with its shape
    /// @return the arrays in the order of `wanted`
    /// @throws WeightsException naming what is missing, what is left over, or the first shape that differs
    default Weights exactly(Map<String, Shape> wanted) {
        Set<String> missing = new LinkedHashSet<>(wanted.keySet());
        missing.removeAll(names());
        Set<String> leftOver = new LinkedHashSet<>(names());
        leftOver.removeAll(wanted.keySet());
        if (!missing.isEmpty() || !leftOver.isEmpty()) {
            List<String> problems = new ArrayList<>();
            if (!missing.isEmpty()) {
                problems.add("the model wants " + listed(missing) + ", which the file does not have");
            }
            if (!leftOver.isEmpty()) {
                problems.add("the file has " + listed(leftOver) + ", which the model does not want");
            }
            throw WeightsException.file(source(), String.join("; ", problems));
        }
        wanted.forEach((name, shape) -> {
            if (!shape(name).equals(shape)) {
                throw WeightsException.mismatch(source(), name, "shape", shape, shape(name));
            }
        });
        Weights weights = new Weights();
        wanted.keySet().forEach(name -> weights.put(name, array(name)));
        return weights;
    }

    /// These arrays under other names: the way to read a public checkpoint whose keys differ from the model's, or a
    /// part
    /// of one file.
    ///
    /// @param rename gives the new name, or the empty string to leave the array out
    /// @throws WeightsException when two arrays would get the same name
    default WeightSource renamed(UnaryOperator<String> rename) {
        Map<String, String> oldNames = new LinkedHashMap<>();
        for (String name : names()) {
            String renamed = rename.apply(name);
            if (!renamed.isEmpty() && oldNames.put(renamed, name) != null) {
                throw WeightsException.tensor(source(), name, "and another are both renamed to \"" + renamed + "\"");
            }
        }
        return new RenamedSource(this, oldNames);
    }

    private static String listed(Set<String> names) {
        List<String> first =
                names.stream().limit(5).map(WeightsException::shorten).toList();
        String more = names.size() > first.size() ? " and " + (names.size() - first.size()) + " more" : "";
        return String.join(", ", first) + more;
    }
}
