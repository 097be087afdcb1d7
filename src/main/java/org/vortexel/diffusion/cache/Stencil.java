package org.vortexel.diffusion.cache;

import org.apache.commons.math3.analysis.integration.gauss.GaussIntegratorFactory;

/// The past points that a forecast may use, seen from the newest: point 0 lies at 0, the others at negative places,
/// and the forecast is wanted at `horizon > 0`. Everything here is linear in the past features, so it is written as
/// the vector of its weights on them, newest first.
///
/// @param gaps the distances between neighbouring points, newest first, all positive
/// @param horizon how far ahead of the newest point the forecast lies
public record Stencil(double[] gaps, double horizon) {
    private static final GaussIntegratorFactory GAUSS = new GaussIntegratorFactory();
    private static final int GAUSS_POINTS = 4; // exact for polynomials up to degree 7

    public Stencil {
        for (double gap : gaps) {
            if (!(gap > 0)) {
                throw new IllegalArgumentException("gaps must be positive but one is " + gap);
            }
        }
        if (!(horizon > 0)) {
            throw new IllegalArgumentException("the horizon must be positive but is " + horizon);
        }
    }

    int points() {
        return gaps.length + 1;
    }

    /// The place of point `j`, at most 0.
    double place(int j) {
        double place = 0;
        for (int i = 0; i < j; i++) {
            place -= gaps[i];
        }
        return place;
    }

    /// The places of the newest `count` points.
    double[] places(int count) {
        double[] places = new double[count];
        for (int j = 0; j < count; j++) {
            places[j] = place(j);
        }
        return places;
    }

    /// The feature at point `j`.
    double[] feature(int j) {
        double[] feature = new double[points()];
        feature[j] = 1;
        return feature;
    }

    /// The slope between point `j` and the one before it, `D_j`; taken for the slope at point `j`.
    double[] slope(int j) {
        return times(1 / gaps[j], minus(feature(j), feature(j + 1)));
    }

    /// The slopes of the newest `count` points.
    double[][] slopes(int count) {
        double[][] slopes = new double[count][];
        for (int j = 0; j < count; j++) {
            slopes[j] = slope(j);
        }
        return slopes;
    }

    /// The difference of the given order at point `j`, each divided by the newest gap it spans: `E_m = (E_{m-1} -
    /// E'_{m-1}) / h`. On uneven gaps this is TaylorSeer's recursion, not a divided difference.
    double[] difference(int order, int j) {
        return order == 0
                ? feature(j)
                : times(1 / gaps[j], minus(difference(order - 1, j), difference(order - 1, j + 1)));
    }

    /// The polynomial through `values[i]` at `places[i]`, at `x`.
    static double[] interpolate(double[] places, double[][] values, double x) {
        double[] sum = new double[values[0].length];
        for (int i = 0; i < places.length; i++) {
            sum = plus(sum, times(basis(places, i, x), values[i]));
        }
        return sum;
    }

    /// The integral from 0 to the horizon of the polynomial through `values[i]` at `places[i]`.
    double[] integrate(double[] places, double[][] values) {
        double[] sum = new double[values[0].length];
        for (int i = 0; i < places.length; i++) {
            int at = i;
            double area = GAUSS.legendre(GAUSS_POINTS, 0, horizon).integrate(x -> basis(places, at, x));
            sum = plus(sum, times(area, values[i]));
        }
        return sum;
    }

    /// Lagrange's polynomial that is 1 at place `i` and 0 at the others.
    static double basis(double[] places, int i, double x) {
        double product = 1;
        for (int j = 0; j < places.length; j++) {
            product *= j == i ? 1 : (x - places[j]) / (places[i] - places[j]);
        }
        return product;
    }

    static double[] plus(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    static double[] minus(double[] a, double[] b) {
        return plus(a, times(-1, b));
    }

    static double[] times(double factor, double[] a) {
        double[] scaled = a.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }
}
