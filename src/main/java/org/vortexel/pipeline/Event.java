package org.vortexel.pipeline;

import java.util.List;
import org.vortexel.image.Image;

/// What happens while pictures are made.
public sealed interface Event {
    /// Another step is done.
    ///
    /// @param step steps done, all batches counted
    /// @param steps steps in all
    record Progress(int step, int steps) implements Event {}

    /// What the pictures of the present batch will look like, as far as the network can tell.
    ///
    /// @param step steps done
    /// @param images one per picture of the batch
    record Preview(int step, List<Image> images) implements Event {}

    /// The request was cancelled; nothing more comes.
    ///
    /// @param step steps done
    record Cancelled(int step) implements Event {}

    /// All pictures, in order: every prompt's pictures together.
    ///
    /// @param pictures at least one
    record Finished(List<Picture> pictures) implements Event {}

    /// A picture and how it was made.
    ///
    /// @param image the pixels
    /// @param recipe what repeats it
    record Picture(Image image, Recipe recipe) {}
}
