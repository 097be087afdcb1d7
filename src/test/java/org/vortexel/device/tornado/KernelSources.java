package org.vortexel.device.tornado;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.vortexel.device.Player;
import org.vortexel.op.OpCase;
import org.vortexel.op.OpCases;
import org.vortexel.op.StoreRow;
import org.vortexel.program.Recorder;
import org.vortexel.program.Weights;
import org.vortexel.tensor.Shape;

/// Makes TornadoVM generate the source of every kernel once, for `tornado-config/check-cuda.sh`. On a virtual
/// device of TornadoVM, which compiles kernels and runs none; TornadoVM writes the sources to the file
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
        refresh(new TornadoDevice(TornadoVm.probe().devices().getFirst(), Twins.PLAIN));
        known.add("Refresh.refresh");
        known.forEach(kernel -> System.out.println("kernel " + kernel));
    }

    /// What the program changes is set between two runs.
    @SuppressWarnings("resource")
    private static void refresh(TornadoDevice device) {
        Recorder r = new Recorder();
        StoreRow.into(
                r.input("store", Shape.of(2, 33, 5)), r.input("row", Shape.of(2, 1, 5)), r.ids("at", Shape.of(1)));
        Player player = device.load(r.program(), new Weights());
        player.run();
        player.set("store", new float[2 * 33 * 5]).run();
    }
}
