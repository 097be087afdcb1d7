package org.vortexel.diffusion;

import java.util.Arrays;
import java.util.List;
import org.vortexel.tensor.Shape;

/// The noise level of every element of a batch of pictures: the batch is cut into regions, each at one level. A region
/// is the whole batch, a picture, or the patch of a token.
///
/// @param rows regions from top to bottom of a picture
/// @param columns regions from left to right of a picture
/// @param levels one for the whole batch, or `rows · columns` for each picture
public record NoiseLevels(int rows, int columns, List<NoiseLevel> levels) {
    public NoiseLevels {
        levels = List.copyOf(levels);
        if (rows < 1 || columns < 1 || levels.isEmpty() || levels.size() % (rows * columns) != 0) {
            throw new IllegalArgumentException("noise levels want a whole number of " + rows + " by " + columns
                    + " grids but got " + levels.size() + " levels");
        }
    }

    /// One level for the whole batch.
    public static NoiseLevels shared(NoiseLevel level) {
        return new NoiseLevels(1, 1, List.of(level));
    }

    /// The levels at the given times.
    public static NoiseLevels at(Timesteps timesteps, NoiseSchedule schedule) {
        return switch (timesteps) {
            case Timesteps.Shared(double[] times) -> new NoiseLevels(1, 1, levels(schedule, times));
            case Timesteps.PerToken(int rows, int columns, double[] times) ->
                new NoiseLevels(rows, columns, levels(schedule, times));
        };
    }

    /// How many regions there are.
    public int regions() {
        return levels.size();
    }

    /// The level of a region; any region of a batch with only one level has that one.
    public NoiseLevel of(int region) {
        return levels.size() == 1 ? levels.getFirst() : levels.get(region);
    }

    /// The region of every element of a batch `(N, C, H, W)`. With one level for the whole batch, or one for each
    /// picture, any shape with the pictures outermost will do.
    ///
    /// @throws IllegalArgumentException when the regions do not tile the pictures
    public int[] regionOf(Shape shape) {
        int[] region = new int[shape.size()];
        if (levels.size() == 1) {
            return region;
        }
        int batch = shape.dim(0);
        if (batch * rows * columns != levels.size()) {
            throw new IllegalArgumentException("a batch of " + batch + " wants " + batch * rows * columns
                    + " noise levels but there are " + levels.size());
        }
        if (rows * columns == 1) {
            int picture = shape.size(1, shape.rank());
            for (int i = 0; i < region.length; i++) {
                region[i] = i / picture;
            }
            return region;
        }
        if (shape.rank() != 4 || shape.dim(2) % rows != 0 || shape.dim(3) % columns != 0) {
            throw new IllegalArgumentException(
                    "a picture of shape " + shape + " does not divide into " + rows + " by " + columns + " tokens");
        }
        int channels = shape.dim(1);
        int height = shape.dim(2);
        int width = shape.dim(3);
        int i = 0;
        for (int plane = 0; plane < batch * channels; plane++) {
            int picture = plane / channels * rows * columns;
            for (int y = 0; y < height; y++) {
                int row = picture + y / (height / rows) * columns;
                for (int x = 0; x < width; x++) {
                    region[i++] = row + x / (width / columns);
                }
            }
        }
        return region;
    }

    private static List<NoiseLevel> levels(NoiseSchedule schedule, double... times) {
        return Arrays.stream(times).mapToObj(schedule::level).toList();
    }
}
