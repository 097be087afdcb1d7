package org.vortexel.train;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.vortexel.checkpoint.SafeTensors;
import org.vortexel.checkpoint.SafeTensorsWriter;
import org.vortexel.checkpoint.StoredTensor;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.nn.Parameter;
import org.vortexel.nn.Params;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Where a run is: the weights, their moving average, the optimiser's moments, and how many steps are done.
///
/// All arrays are in one [Weights]: a parameter under its name, its average under `average.…`, its moments under
/// `moment1.…` and `moment2.…`, so that one program reads and writes them.
///
/// @param arrays every array
/// @param step steps done
public record TrainState(Weights arrays, int step) {
    static final String AVERAGE = "average.";
    static final String MOMENT1 = "moment1.";
    static final String MOMENT2 = "moment2.";

    /// The state before the first step; the weights are taken over.
    static TrainState begin(Params params, Weights arrays) {
        for (Parameter parameter : trained(params)) {
            arrays.put(AVERAGE + parameter.name(), arrays.get(parameter.name()).copy());
            arrays.put(MOMENT1 + parameter.name(), NdArray.zeros(parameter.shape()));
            arrays.put(MOMENT2 + parameter.name(), NdArray.zeros(parameter.shape()));
        }
        return new TrainState(arrays, 0);
    }

    static List<Parameter> trained(Params params) {
        return params.all().stream().filter(Parameter::trained).toList();
    }

    /// The averaged weights of a model, as copies: what samples and releases are made from.
    Weights averaged(Params params) {
        Weights averaged = new Weights();
        for (Parameter parameter : params.all()) {
            String name = parameter.trained() ? AVERAGE + parameter.name() : parameter.name();
            averaged.put(parameter.name(), arrays.get(name).copy());
        }
        return averaged;
    }

    /// Writes everything to one file; the old file stays whole until the new one is.
    ///
    /// @param run names the run, so that a checkpoint of another configuration is not taken up by mistake
    void save(Path file, String run) {
        List<StoredTensor> tensors = new ArrayList<>();
        arrays.asMap().forEach((name, array) -> tensors.add(StoredTensor.of(name, array)));
        SafeTensorsWriter.write(file, tensors, Map.of("step", Integer.toString(step), "run", run));
    }

    /// Reads a checkpoint that [#save] wrote.
    ///
    /// @throws WeightsException when the file is damaged, or is of another run
    static TrainState load(Path file, Params params, String run) {
        if (!Files.exists(file)) {
            throw new IllegalArgumentException("there is no checkpoint " + file + " to resume from");
        }
        TrainState wanted = begin(params, params.initial(0));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        wanted.arrays.asMap().forEach((name, array) -> shapes.put(name, array.shape()));
        try (SafeTensors tensors = SafeTensors.open(file)) {
            if (!run.equals(tensors.metadata().get("run"))) {
                throw WeightsException.file(file.toString(), "it is a checkpoint of a run with another configuration");
            }
            int step = Integer.parseInt(tensors.metadata().getOrDefault("step", "0"));
            return new TrainState(tensors.exactly(shapes), step);
        }
    }
}
