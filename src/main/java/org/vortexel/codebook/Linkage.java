package org.vortexel.codebook;

/// How far two clusters are apart, given what they were made of.
///
/// All are reducible: merging two clusters never brings the result nearer to a third than both were, so mutual
/// nearest neighbours may be merged in any order.
///
/// Source: Lance and Williams 1967, *A general theory of classificatory sorting strategies*.
public enum Linkage {
    /// The mean distance of all pairs: MASC, eq. 3.
    AVERAGE,
    /// The largest distance of a pair.
    COMPLETE,
    /// The smallest distance of a pair.
    SINGLE,
    /// The root of twice the growth of the squared distances to the mean.
    WARD;

    /// The distance of `s + t` from `u`.
    ///
    /// @param su distance of s from u
    /// @param tu distance of t from u
    /// @param st distance of s from t
    /// @param s members of s
    /// @param t members of t
    /// @param u members of u
    double merged(double su, double tu, double st, int s, int t, int u) {
        return switch (this) {
            case AVERAGE -> (s * su + t * tu) / (s + t);
            case COMPLETE -> Math.max(su, tu);
            case SINGLE -> Math.min(su, tu);
            case WARD ->
                Math.sqrt(Math.max(0, ((s + u) * su * su + (t + u) * tu * tu - u * st * st) / ((double) s + t + u)));
        };
    }
}
