package org.vortexel.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.vortexel.program.Weights;
import org.vortexel.tensor.NdArray;
import org.vortexel.tensor.Philox;
import org.vortexel.tensor.Shape;

/// Declares the parameters of a model under a name prefix, and collects them in order.
public final class Params {
    private final String prefix;
    private final List<Parameter> all;
    private final Set<String> names;

    /// An empty collection at the top of the name space.
    public Params() {
        this("", new ArrayList<>(), new HashSet<>());
    }

    private Params(String prefix, List<Parameter> all, Set<String> names) {
        this.prefix = prefix;
        this.all = all;
        this.names = names;
    }

    /// The same collection seen from inside `name`: parameters declared there are called `name.…`.
    public Params in(String name) {
        return new Params(prefix + name + ".", all, names);
    }

    /// A new trained parameter.
    ///
    /// @throws IllegalArgumentException when the name is taken
    public Parameter declare(String name, Shape shape, Init init) {
        return declare(name, shape, init, true);
    }

    /// A new array that is stored with the parameters but never trained.
    public Parameter fixed(String name, Shape shape, Init init) {
        return declare(name, shape, init, false);
    }

    private Parameter declare(String name, Shape shape, Init init, boolean trained) {
        Parameter parameter = new Parameter(prefix + name, shape, init, trained);
        if (!names.add(parameter.name())) {
            throw new IllegalArgumentException("parameter " + parameter.name() + " is declared twice");
        }
        all.add(parameter);
        return parameter;
    }

    /// The same parameters, of which only those that are trained here and that `which` accepts by name are trained.
    public Params trainedOnly(Predicate<String> which) {
        Params only = new Params();
        for (Parameter p : all) {
            only.declare(p.name(), p.shape(), p.init(), p.trained() && which.test(p.name()));
        }
        return only;
    }

    /// Every parameter declared so far, in order.
    public List<Parameter> all() {
        return Collections.unmodifiableList(all);
    }

    /// The name and shape of every parameter, in order: what a checkpoint of the model must hold.
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        all.forEach(p -> shapes.put(p.name(), p.shape()));
        return shapes;
    }

    /// Initial weights; each parameter has a stream of its own, so that adding one does not move the others.
    public Weights initial(long seed) {
        Weights weights = new Weights();
        for (Parameter parameter : all) {
            NdArray array = NdArray.zeros(parameter.shape());
            parameter.init().fill(array.data(), parameter.shape(), new Philox(seed, hash(parameter.name())));
            weights.put(parameter.name(), array);
        }
        return weights;
    }

    /// FNV-1a, 64 bits.
    private static long hash(String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }
}
