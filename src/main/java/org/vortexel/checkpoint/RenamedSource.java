package org.vortexel.checkpoint;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Shape;

/// Arrays seen under other names.
///
/// @param original where the arrays are
/// @param oldNames the name in `original` by the name seen from outside
record RenamedSource(WeightSource original, Map<String, String> oldNames) implements WeightSource {
    @Override
    public String source() {
        return original.source();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(oldNames.keySet());
    }

    @Override
    public Shape shape(String name) {
        return original.shape(oldName(name));
    }

    @Override
    public NdArray array(String name) {
        return original.array(oldName(name));
    }

    private String oldName(String name) {
        String oldName = oldNames.get(name);
        if (oldName == null) {
            throw WeightsException.tensor(source(), name, "is not in the file");
        }
        return oldName;
    }
}
