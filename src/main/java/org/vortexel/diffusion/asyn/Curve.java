package org.vortexel.diffusion.asyn;

/// How the time of a pixel that the prompt speaks of falls from noise to data: above the line that all others follow,
/// slow first and fast at the end. With `i` from 0 to `T`:
///
/// | curve         | time                              |
/// |---------------|-----------------------------------|
/// | `LINEAR`      | `T - i`                           |
/// | `QUADRATIC`   | `T - i² / T`                      |
/// | `PIECEWISE`   | `min(T - i / 2, 3 T / 2 - 3 i / 2)` |
/// | `EXPONENTIAL` | `T (e - e^(i / T)) / (e - 1)`     |
///
/// Source: AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504), section 4.
public enum Curve {
    /// The line itself.
    LINEAR,
    /// A parabola: the paper's choice.
    QUADRATIC,
    /// Two lines with a corner in the middle.
    PIECEWISE,
    /// An exponential.
    EXPONENTIAL
}
