package org.vortexel.diffusion.guide;

import java.util.Arrays;
import org.vortexel.tensor.NdArray;

/// Which token every place of one picture speaks of, and which places are more than background.
///
/// How places look at the text is first spread along how places look at each other, the mean of one to
/// four
/// such steps, `(S + S² + S³ + S⁴) / 4 · A`; then every token's map is smoothed a little and divided by
/// its
/// mean. A place belongs to the token that is highest there, and is background where the text's first
/// token,
/// which stands for the whole text, is higher than all others together.
///
/// Source: S-CFG, Shen et al. 2024, [arXiv:2404.05384](https://arxiv.org/abs/2404.05384), section 4.1.
/// *Departs from the code:* attention is averaged over layers before it is refined, not after; the
/// powers are
/// those of the paper (the code adds the second one three times); the background is read off the
/// condition's
/// own text, not off the empty text, whose tokens name nothing here.
///
/// @param rows places from top to bottom
/// @param columns places from left to right
/// @param token rows · columns indices of tokens
/// @param foreground whether a place is more than background; all are where no one is
record Segments(int rows, int columns, int[] token, boolean[] foreground) {
    private static final int POWERS = 4;
    private static final double EPS = 1e-8;

    /// The segments of picture `picture`.
    ///
    /// @param mask (N, L), 1 for tokens and 0 for padding
    static Segments of(Sight sight, NdArray mask, int picture) {
        int places = sight.rows() * sight.columns();
        int length = mask.shape().dim(1);
        double[][] maps = new double[length][places]; // by token
        for (int place = 0; place < places; place++) {
            for (int l = 0; l < length; l++) {
                maps[l][place] = sight.text().data()[(picture * places + place) * length + l];
            }
        }
        int[] token = new int[places];
        double[] highest = new double[places];
        double[] first = new double[places];
        double[] others = new double[places];
        for (int l = 0; l < length; l++) {
            if (mask.data()[picture * length + l] == 0) {
                continue;
            }
            double[] map = Smoothing.of(spread(sight.places(), picture, maps[l]), sight.rows(), sight.columns());
            double mean = mean(map) + EPS;
            for (int place = 0; place < places; place++) {
                if (map[place] / mean > highest[place]) {
                    highest[place] = map[place] / mean;
                    token[place] = l;
                }
                (l == 0 ? first : others)[place] += map[place];
            }
        }
        boolean[] foreground = new boolean[places];
        boolean any = false;
        for (int place = 0; place < places; place++) {
            foreground[place] = others[place] * mean(first) > first[place] * mean(others);
            any |= foreground[place];
        }
        if (!any) {
            Arrays.fill(foreground, true);
        }
        return new Segments(sight.rows(), sight.columns(), token, foreground);
    }

    private static double[] spread(NdArray places, int picture, double[] map) {
        int count = map.length;
        double[] sum = new double[count];
        double[] now = map;
        for (int power = 0; power < POWERS; power++) {
            double[] next = new double[count];
            for (int i = 0; i < count; i++) {
                double dot = 0;
                int row = (picture * count + i) * count;
                for (int j = 0; j < count; j++) {
                    dot += places.data()[row + j] * now[j];
                }
                next[i] = dot;
                sum[i] += dot / POWERS;
            }
            now = next;
        }
        return sum;
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
