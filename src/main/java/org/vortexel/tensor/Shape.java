package org.vortexel.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/// The sizes of an array, outermost first; `()` is a scalar. Immutable.
///
/// Every size is at least 0 and the product fits an `int`, since storage is one Java array.
public final class Shape {
    private static final Shape SCALAR = new Shape(new int[0]);

    private final int[] sizes;
    private final int size;

    private Shape(int[] sizes) {
        long product = 1;
        for (int dim : sizes) {
            if (dim < 0) {
                throw new IllegalArgumentException("a shape has no negative size: " + Arrays.toString(sizes));
            }
            product *= dim;
            if (product > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("too many elements for one array: " + Arrays.toString(sizes));
            }
        }
        this.sizes = sizes;
        this.size = (int) product;
    }

    /// The shape of the given sizes, outermost first.
    public static Shape of(int... sizes) {
        return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
    }

    /// The shape of one number.
    public static Shape scalar() {
        return SCALAR;
    }

    /// How many axes there are.
    public int rank() {
        return sizes.length;
    }

    /// The size along `axis`; negative axes count from the end, `-1` is the last.
    public int dim(int axis) {
        return sizes[axis(axis)];
    }

    /// `axis` as a number in `[0, rank)`; negative axes count from the end.
    public int axis(int axis) {
        int index = axis < 0 ? axis + sizes.length : axis;
        if (index < 0 || index >= sizes.length) {
            throw new IllegalArgumentException("axis " + axis + " is outside the shape " + this);
        }
        return index;
    }

    /// The number of elements.
    public int size() {
        return size;
    }

    /// The product of the sizes in `[from, to)`.
    public int size(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= sizes[i];
        }
        return product;
    }

    /// A copy of the sizes, outermost first.
    public int[] toArray() {
        return sizes.clone();
    }

    /// Row-major strides in elements: the last is 1.
    public int[] strides() {
        int[] strides = new int[sizes.length];
        int stride = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= sizes[i];
        }
        return strides;
    }

    /// This shape with the size along `axis` replaced.
    public Shape with(int axis, int dim) {
        int[] copy = sizes.clone();
        copy[axis(axis)] = dim;
        return new Shape(copy);
    }

    /// This shape with one more axis, the innermost, of size `dim`.
    public Shape append(int dim) {
        int[] longer = Arrays.copyOf(sizes, sizes.length + 1);
        longer[sizes.length] = dim;
        return of(longer);
    }

    /// The shape that both broadcast to: aligned at the last axis, sizes equal or 1.
    ///
    /// @throws IllegalArgumentException when two sizes differ and neither is 1
    public static Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        int[] sizes = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int da = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
            int db = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
            if (da != db && da != 1 && db != 1) {
                throw new IllegalArgumentException("shapes " + a + " and " + b + " do not broadcast");
            }
            sizes[rank - i] = da == 1 ? db : da;
        }
        return of(sizes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /// `(2, 256, 1152)`.
    @Override
    public String toString() {
        return Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
