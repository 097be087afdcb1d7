package org.vortexel.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.device.tornado.TornadoDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `vortexel devices`: what programs can run on.
@Command(name = "devices", description = "List what programs can run on.", mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        CommandSpec own = spec;
        if (own != null) {
            PrintWriter out = own.commandLine().getOut();
            try (Device host = HostDevice.of(Runtime.getRuntime().availableProcessors())) {
                out.println(host.describe());
            }
            TornadoDevice.list().forEach(out::println);
            TornadoDevice.missing().ifPresent(reason -> out.println("tornado: none; " + reason));
        }
        return 0;
    }
}
