package org.vortexel.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
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
            try (Device host = HostDevice.of(Runtime.getRuntime().availableProcessors())) {
                own.commandLine().getOut().println(host.describe());
                own.commandLine().getOut().println("auto: the host, for want of another device");
            }
        }
        return 0;
    }
}
