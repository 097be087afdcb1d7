package org.vortexel.checkpoint;

import org.vortexel.tensor.Shape;

/// What a weight file's header says of one tensor.
///
/// @param name its key in the file
/// @param dtype how each number is stored
/// @param shape the sizes, outermost first
/// @param begin first byte, counted from the end of the header
/// @param end one past the last byte; `end - begin` is the shape's size times the dtype's bytes
public record TensorInfo(String name, StorageType dtype, Shape shape, long begin, long end) {
    /// How many bytes the numbers take in the file.
    public long bytes() {
        return end - begin;
    }
}
