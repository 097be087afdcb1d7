package org.vortexel.dit;

/// What a feature cache forecasts: how much of the network a forecast step leaves out.
public enum Granularity {
    /// Every branch of every block before its gate (`blocks.3.attn`, `blocks.3.cross`, `blocks.3.mlp`); gates are
    /// computed at the step's own time. The most memory, the finest forecasts.
    MODULE,
    /// What every block adds to the stream (`blocks.3`).
    BLOCK,
    /// What all blocks together add to it (`trunk`).
    TRUNK
}
