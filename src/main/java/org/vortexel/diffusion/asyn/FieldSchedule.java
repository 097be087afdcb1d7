package org.vortexel.diffusion.asyn;

/// The next time of a pixel from its present one. A pixel anywhere between the line and its curve goes on along a
/// shifted copy of the curve (or of the line, once it has left the mask) that still ends where all others end; so no
/// pixel needs a memory of how it came here.
///
/// Times go from `start()` to `last`, which is reached one step before the end, and then to 0.
///
/// Source: AsynDM, [arXiv:2510.04504](https://arxiv.org/abs/2510.04504), proposition 1, solved for the shift.
///
/// @param curve the way of pixels in a mask
/// @param length `Y`, how long the time axis is: 1000 training steps, or 1
/// @param steps `S`, how many sampling steps there are
/// @param last `tau`, the last time before 0
public record FieldSchedule(Curve curve, double length, int steps, double last) {
    public FieldSchedule {
        if (!(length > 0) || steps < 1 || !(last >= 0)) {
            throw new IllegalArgumentException("a field of times wants a positive length, at least one step and a last"
                    + " time of at least 0 but got " + length + ", " + steps + " and " + last);
        }
    }

    /// The time before the first step, from which `next(start(), steps, w)` leads to the first time that a
    /// network sees.
    public double start() {
        return length + last;
    }

    /// The next time along the line.
    ///
    /// @param left how many steps remain from there to `last`; 0 asks for the end
    public double line(double time, int left) {
        return left == 0 ? 0 : time - (time - last) / left;
    }

    /// The next time along the curve.
    ///
    /// @param left how many steps remain from there to `last`; 0 asks for the end
    /// @param strength `w` in `[0, 1]`: the share of the curve in its mixture with the line
    public double next(double time, int left, double strength) {
        if (!(strength >= 0 && strength <= 1)) {
            throw new IllegalArgumentException("the strength of a curve must lie in [0, 1] but is " + strength);
        }
        if (left == 0) {
            return 0;
        }
        double stride = length / steps;
        return switch (curve) {
            case LINEAR -> line(time, left);
            case QUADRATIC -> line(time, left) + strength * stride / steps * (left - 1);
            case PIECEWISE -> Math.min(time - (1 - strength) * stride, last + (1 + strength) * stride * (left - 1));
            case EXPONENTIAL -> strength == 0 ? line(time, left) : exponential(time, left, (1 - strength) * stride);
        };
    }

    /// The exponential's own amplitude cancels: what has to be walked beyond the linear part is shared out over
    /// the steps like a geometric series.
    private double exponential(double time, int left, double linear) {
        double rest = time - last - linear * left;
        return time - linear - rest * Math.expm1(1.0 / steps) / Math.expm1((double) left / steps);
    }
}
