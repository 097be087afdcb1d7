package org.vortexel.pipeline;

import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.vortexel.ar.ArModel;
import org.vortexel.device.Device;

/// Draws what a request asks for, by whatever model it has. Used by one thread at a time; closing
/// it does not close the device.
public sealed interface Painter extends AutoCloseable permits TextToImage, TokensToImage {
    /// Reads the model in `folder`, whatever its kind, and puts it on a device.
    ///
    /// @throws org.vortexel.checkpoint.WeightsException when there is no model, or it is damaged
    static Painter open(Path folder, Device device) {
        return ArModel.isIn(folder) ? TokensToImage.open(folder, device) : TextToImage.open(folder, device);
    }

    /// The events of a request, in order. Work is done when the next event is asked for.
    ///
    /// @param cancelled asked before every step; when true the next event is [Event.Cancelled], the
    /// last one
    /// @throws IllegalArgumentException when the model cannot do what is asked
    Iterable<Event> generate(Request request, BooleanSupplier cancelled);

    /// SHA-256 of the weights, as recipes hold it.
    String fingerprint();

    @Override
    void close();
}
