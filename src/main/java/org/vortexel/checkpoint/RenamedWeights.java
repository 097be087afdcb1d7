package org.vortexel.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Weights seen under other names.
///
/// @param weights where the arrays are
/// @param oldNames the name in `weights` by the name seen from outside
record RenamedWeights(Weights weights, Map<String, String> oldNames) implements Weights {
    @Override
    public String source() {
        return weights.source();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(oldNames.keySet());
    }

    @Override
    public Shape shape(String name) {
        return weights.shape(oldName(name));
    }

    @Override
    public NdArray array(String name) {
        return weights.array(oldName(name));
    }

    private String oldName(String name) {
        String oldName = oldNames.get(name);
        if (oldName == null) {
            throw WeightsException.tensor(source(), name, "is not in the file");
        }
        return oldName;
    }
}
