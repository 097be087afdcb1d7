package org.vortexel.diffusion.cache;

/// What an implicit solver takes for the slope at the place of the forecast, which only the network could give. An
/// explicit solver predicts first; the implicit one then corrects once. Correcting again would contract to Euler's
/// rule.
public enum EndSlope {
    /// The mean slope on the way to what AB2 forecasts.
    SECANT_AB2,
    /// The mean slope on the way to what AB3 forecasts.
    SECANT_AB3,
    /// The newest slope.
    LAST,
    /// The newest two slopes, continued along a line.
    LINEAR;

    /// How many past features it needs.
    int entries() {
        return switch (this) {
            case SECANT_AB2, LINEAR -> 3;
            case SECANT_AB3 -> 4;
            case LAST -> 2;
        };
    }

    /// The slope as weights on the past features.
    double[] of(Stencil s) {
        return switch (this) {
            case SECANT_AB2 -> secant(s, new Solver.AdamsBashforth(2));
            case SECANT_AB3 -> secant(s, new Solver.AdamsBashforth(3));
            case LAST -> s.slope(0);
            case LINEAR ->
                Stencil.plus(
                        s.slope(0), Stencil.times(s.horizon() / s.gaps()[0], Stencil.minus(s.slope(0), s.slope(1))));
        };
    }

    private static double[] secant(Stencil s, Solver predictor) {
        return Stencil.times(1 / s.horizon(), Stencil.minus(predictor.of(s), s.feature(0)));
    }
}
