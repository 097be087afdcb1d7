package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.vortexel.op.OpCase;
import org.vortexel.op.OpCases;

/// Makes TornadoVM generate the source of every kernel once, for `tornado-config/check-cuda.sh`. On a virtual device of
/// TornadoVM, which compiles kernels and runs none; TornadoVM writes the sources to the file
/// `tornado.print.kernel.dir`.
final class KernelSources {
    private KernelSources() {}

    /// Prints the names of the kernels, one a line, after `kernel `.
    public static void main(String[] args) {
        List<OpCase> cases = new ArrayList<>(OpCases.all());
        cases.sort(Comparator.comparing(c -> !c.name().endsWith(" 33"))); // a size at which loops stay loops
        cases.addAll(OpCases.large());
        Set<String> known = new TreeSet<>();
        for (Twins twins : Twins.values()) {
            TornadoDevice device = new TornadoDevice(TornadoVm.probe().devices().getFirst(), twins);
            for (OpCase c : cases) {
                if (known.addAll(TwinsTest.launched(c, twins))) {
                    c.compile(device);
                }
            }
        }
        known.forEach(kernel -> System.out.println("kernel " + kernel));
    }
}
