package org.vortexel.diffusion.cache;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.math3.util.CombinatoricsUtils;

/// A rule that forecasts a feature from its past. A feature is seen as the solution of `dF/du = g(F, u)`, of which
/// only samples are known; slopes are the differences between neighbouring samples. Every rule is linear in the past,
/// so it is a list of weights that sum to 1: `forecast = Σ_j w_j F_{-j}`, `F_0` being the newest.
///
/// | solver             | family                                                                             |
/// |--------------------|------------------------------------------------------------------------------------|
/// | [Hold]             | the newest feature, again (FORA)                                                     |
/// | [AdamsBashforth]   | integral of the polynomial through the newest slopes                                |
/// | [AdamsMoulton]     | the same with the slope at the forecast's own place; made explicit by an [EndSlope] |
/// | [Bdf]              | the polynomial through the newest features that has that slope at its end            |
/// | [Taylor]           | Taylor's formula on differences of differences (TaylorSeer)                         |
/// | [RungeKutta]       | a mean of slopes                                                                    |
/// | [Hermite]          | Taylor's formula with Hermite polynomials for powers (HiCache)                      |
///
/// Gaps and horizon may be any positive numbers. With too little history a solver passes the work on to
/// [#fallback()].
///
/// Source: families from HyCa, [arXiv:2510.04188](https://arxiv.org/abs/2510.04188), section 3; the paper prints only
/// the second-order Runge-Kutta rule, the others are the textbook's, Hairer, Nørsett and Wanner 1993, chapter III.
public sealed interface Solver {
    /// The pool that clusters choose from: every family, no rule twice.
    static List<Solver> pool() {
        return List.of(
                new Hold(),
                new AdamsBashforth(1),
                new AdamsBashforth(2),
                new AdamsBashforth(3),
                new Taylor(3),
                new RungeKutta(2),
                new Bdf(2),
                new Bdf(3),
                new AdamsMoulton(2),
                new AdamsMoulton(3));
    }

    /// 0 for [Hold]; more follows bends more closely and amplifies noise.
    int order();

    /// How many past features the rule needs.
    int entries();

    /// The rule of the family, or of a simpler one, that needs less history; [Hold] is its own.
    Solver fallback();

    /// The name in files, such as `AB2`, `BDF3` or `AM3.LAST`; see [#named(String)].
    String name();

    /// The weights when there is history enough.
    double[] of(Stencil stencil);

    /// The weights on the past features, newest first, one more than there are gaps.
    ///
    /// @param gaps the distances between the past features, newest first, all positive
    /// @param horizon how far ahead of the newest the forecast lies, positive
    default double[] weights(double[] gaps, double horizon) {
        Stencil stencil = new Stencil(gaps, horizon);
        Solver solver = this;
        while (solver.entries() > stencil.points()) {
            solver = solver.fallback();
        }
        return solver.of(stencil);
    }

    /// The newest feature stays.
    record Hold() implements Solver {
        @Override
        public int order() {
            return 0;
        }

        @Override
        public int entries() {
            return 1;
        }

        @Override
        public Solver fallback() {
            return this;
        }

        @Override
        public String name() {
            return "HOLD";
        }

        @Override
        public double[] of(Stencil s) {
            return s.feature(0);
        }
    }

    /// `F_0 + ∫ S`, `S` the polynomial through the newest `order` slopes.
    ///
    /// @param order 1 (Euler) … 4
    record AdamsBashforth(int order) implements Solver {
        public AdamsBashforth {
            within("Adams-Bashforth", order, 4);
        }

        @Override
        public int entries() {
            return order + 1;
        }

        @Override
        public Solver fallback() {
            return order == 1 ? new Hold() : new AdamsBashforth(order - 1);
        }

        @Override
        public String name() {
            return "AB" + order;
        }

        @Override
        public double[] of(Stencil s) {
            return Stencil.plus(s.feature(0), s.integrate(s.places(order), s.slopes(order)));
        }
    }

    /// `Σ_m k^m / m! E_m`, `E_m` the differences of differences.
    ///
    /// Source: TaylorSeer, [arXiv:2503.06923](https://arxiv.org/abs/2503.06923), eq. 5 to 7.
    ///
    /// @param order 1 … 4
    record Taylor(int order) implements Solver {
        public Taylor {
            within("Taylor", order, 4);
        }

        @Override
        public int entries() {
            return order + 1;
        }

        @Override
        public Solver fallback() {
            return order == 1 ? new Hold() : new Taylor(order - 1);
        }

        @Override
        public String name() {
            return "TF" + order;
        }

        @Override
        public double[] of(Stencil s) {
            double[] sum = s.feature(0);
            double power = 1;
            for (int m = 1; m <= order; m++) {
                power *= s.horizon() / m;
                sum = Stencil.plus(sum, Stencil.times(power, s.difference(m, 0)));
            }
            return sum;
        }

        /// The `order`-th difference at the newest feature, as weights on the past: the factor that
        /// TaylorSeer stores.
        ///
        /// @param gaps at least `order` of them
        public static double[] factor(int order, double... gaps) {
            return new Stencil(gaps, 1).difference(order, 0);
        }
    }

    /// The slope over the two newest gaps (order 2), or Simpson's mean of slopes along their polynomial (order
    /// 4).
    ///
    /// @param order 2 or 4
    record RungeKutta(int order) implements Solver {
        public RungeKutta {
            if (order != 2 && order != 4) {
                throw new IllegalArgumentException("there are Runge-Kutta forecasts of order 2 and 4, not " + order);
            }
        }

        @Override
        public int entries() {
            return order == 2 ? 3 : 4;
        }

        @Override
        public Solver fallback() {
            return order == 2 ? new AdamsBashforth(1) : new RungeKutta(2);
        }

        @Override
        public String name() {
            return "RK" + order;
        }

        @Override
        public double[] of(Stencil s) {
            double[] slope;
            if (order == 2) {
                slope = Stencil.times(-1 / s.place(2), Stencil.minus(s.feature(0), s.feature(2)));
            } else {
                double[] places = s.places(3);
                double[][] slopes = s.slopes(3);
                double[] middle = Stencil.interpolate(places, slopes, s.horizon() / 2);
                double[] end = Stencil.interpolate(places, slopes, s.horizon());
                slope = Stencil.times(1 / 6.0, Stencil.plus(Stencil.plus(s.slope(0), end), Stencil.times(4, middle)));
            }
            return Stencil.plus(s.feature(0), Stencil.times(s.horizon(), slope));
        }
    }

    /// Backward differentiation: the end of the polynomial of degree `order` that passes through the newest
    /// `order` features and ends with slope `g`. At distances `d_j` from the end that is `b (g + Σ_j L_j / d_j
    /// F_{-j})`, `b = 1 / Σ 1/d_j`, `L_j` being Lagrange's polynomials there.
    ///
    /// @param order 1 … 3
    /// @param end what is taken for `g`
    record Bdf(int order, EndSlope end) implements Solver {
        public Bdf {
            within("BDF", order, 3);
        }

        /// With the usual end slope.
        public Bdf(int order) {
            this(order, EndSlope.SECANT_AB2);
        }

        @Override
        public int entries() {
            return Math.max(order, end.entries());
        }

        @Override
        public Solver fallback() {
            return order == 3 ? new Bdf(2, simpler(end)) : new AdamsBashforth(1);
        }

        @Override
        public String name() {
            return "BDF" + order + suffix(end);
        }

        @Override
        public double[] of(Stencil s) {
            double[] places = s.places(order);
            double inverse = 0;
            double[] sum = end.of(s);
            for (int j = 0; j < order; j++) {
                double distance = s.horizon() - places[j];
                inverse += 1 / distance;
                double weight = Stencil.basis(places, j, s.horizon()) / distance;
                sum = Stencil.plus(sum, Stencil.times(weight, s.feature(j)));
            }
            return Stencil.times(1 / inverse, sum);
        }
    }

    /// `F_0 + ∫ S`, `S` the polynomial through the slope at the end and the newest `order - 1` slopes.
    ///
    /// @param order 2 (trapezoid) … 4
    /// @param end what is taken for the slope at the end
    record AdamsMoulton(int order, EndSlope end) implements Solver {
        public AdamsMoulton {
            if (order < 2 || order > 4) {
                throw new IllegalArgumentException("there are Adams-Moulton forecasts of order 2 to 4, not " + order);
            }
        }

        /// With the usual end slope.
        public AdamsMoulton(int order) {
            this(order, EndSlope.SECANT_AB2);
        }

        @Override
        public int entries() {
            return Math.max(order, end.entries());
        }

        @Override
        public Solver fallback() {
            return order == 2 ? new AdamsBashforth(1) : new AdamsMoulton(order - 1, simpler(end));
        }

        @Override
        public String name() {
            return "AM" + order + suffix(end);
        }

        @Override
        public double[] of(Stencil s) {
            double[] places = new double[order];
            double[][] slopes = new double[order][];
            places[0] = s.horizon();
            slopes[0] = end.of(s);
            for (int j = 1; j < order; j++) {
                places[j] = s.place(j - 1);
                slopes[j] = s.slope(j - 1);
            }
            return Stencil.plus(s.feature(0), s.integrate(places, slopes));
        }
    }

    /// [Taylor] with `scale^m H_m(scale · k)` in the place of `k^m`, `H_m` the physicists' Hermite polynomials:
    /// they grow less, which damps far forecasts.
    ///
    /// Source: HiCache, [arXiv:2508.16984](https://arxiv.org/abs/2508.16984), section 3.3.
    ///
    /// @param order 1 … 4
    /// @param scale positive, usually 0.5 to 0.7
    record Hermite(int order, double scale) implements Solver {
        public Hermite {
            within("Hermite", order, 4);
            if (!(scale > 0)) {
                throw new IllegalArgumentException("the scale of a Hermite forecast must be positive but is " + scale);
            }
        }

        @Override
        public int entries() {
            return order + 1;
        }

        @Override
        public Solver fallback() {
            return order == 1 ? new Hold() : new Hermite(order - 1, scale);
        }

        @Override
        public String name() {
            return "HERM" + order + ".s" + scale;
        }

        @Override
        public double[] of(Stencil s) {
            double[] sum = s.feature(0);
            double x = scale * s.horizon();
            double before = 1;
            double now = 2 * x;
            double power = 1;
            for (int m = 1; m <= order; m++) {
                power *= scale;
                double weight = power * now / CombinatoricsUtils.factorialDouble(m);
                sum = Stencil.plus(sum, Stencil.times(weight, s.difference(m, 0)));
                double next = 2 * x * now - 2 * m * before;
                before = now;
                now = next;
            }
            return sum;
        }
    }

    /// The solver of a name: `HOLD`, `AB1` to `AB4`, `TF1` to `TF4`, `RK2`, `RK4`, `BDF1` to `BDF3`, `AM2` to
    /// `AM4`, `HERM1.s0.5` and the like. BDF and AM may name an [EndSlope], as in `AM3.LAST`.
    ///
    /// @throws IllegalArgumentException when there is none
    static Solver named(String name) {
        Matcher parts = Pattern.compile("(HOLD|AB|TF|RK|BDF|AM|HERM)([1-4]?)(?:\\.([A-Za-z0-9_.]+))?")
                .matcher(name);
        if (!parts.matches() || parts.group(1).equals("HOLD") != parts.group(2).isEmpty()) {
            throw unknown(name);
        }
        int order = parts.group(2).isEmpty() ? 0 : Integer.parseInt(parts.group(2));
        String detail = parts.group(3) == null ? "" : parts.group(3);
        try {
            return switch (parts.group(1)) {
                case "BDF" -> detail.isEmpty() ? new Bdf(order) : new Bdf(order, EndSlope.valueOf(detail));
                case "AM" ->
                    detail.isEmpty() ? new AdamsMoulton(order) : new AdamsMoulton(order, EndSlope.valueOf(detail));
                case "HERM" -> new Hermite(order, Double.parseDouble(detail.replaceFirst("^s", "")));
                case "HOLD" -> plain(name, detail, new Hold());
                case "AB" -> plain(name, detail, new AdamsBashforth(order));
                case "TF" -> plain(name, detail, new Taylor(order));
                default -> plain(name, detail, new RungeKutta(order));
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("there is no solver '" + name + "'", e);
        }
    }

    private static Solver plain(String name, String detail, Solver solver) {
        if (!detail.isEmpty()) {
            throw unknown(name);
        }
        return solver;
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("there is no solver '" + name + "'");
    }

    private static void within(String family, int order, int most) {
        if (order < 1 || order > most) {
            throw new IllegalArgumentException(
                    "there are " + family + " forecasts of order 1 to " + most + ", not " + order);
        }
    }

    private static EndSlope simpler(EndSlope end) {
        return end == EndSlope.SECANT_AB3 ? EndSlope.SECANT_AB2 : end;
    }

    private static String suffix(EndSlope end) {
        return end == EndSlope.SECANT_AB2 ? "" : "." + end;
    }
}
