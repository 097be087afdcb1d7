package org.vortexel.cli;

import java.util.concurrent.Callable;
import org.vortexel.device.Device;
import org.vortexel.device.host.HostDevice;
import org.vortexel.device.tornado.TornadoDevice;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `vortexel devices`: what programs can run on.
@Command(name = "devices", description = "List what programs can run on.", mixinStandardHelpOptions = true)
final class DevicesCommand implements Callable<Integer> {
    @Mixin
    private Console console = new Console();

    @Override
    public Integer call() {
        try (Device host = HostDevice.of(Runtime.getRuntime().availableProcessors())) {
            console.say(host.describe());
        }
        TornadoDevice.list().forEach(console::say);
        TornadoDevice.missing().ifPresent(reason -> console.say("tornado: none; " + reason));
        return 0;
    }
}
