package org.vortexel.op;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.vortexel.tensor.Shape;

/// A symbolic array: a shape and a place on a [Tape], no numbers. Calling a method records an op and returns its
/// output,
/// so a model is ordinary Java that runs once to make a program.
///
/// Methods follow NumPy and PyTorch; negative axes count from the end.
public final class Tensor {
    private final Tape tape;
    private final int id;
    private final Shape shape;
    private final DType dtype;

    /// Made by a tape only.
    ///
    /// @param id the tensor's number on its tape
    public Tensor(Tape tape, int id, Shape shape, DType dtype) {
        this.tape = tape;
        this.id = id;
        this.shape = shape;
        this.dtype = dtype;
    }

    /// The tape that this tensor is recorded on.
    public Tape tape() {
        return tape;
    }

    /// The tensor's number on its tape, from 0 in order of recording.
    public int id() {
        return id;
    }

    /// The sizes, outermost first.
    public Shape shape() {
        return shape;
    }

    /// The size along `axis`.
    public int dim(int axis) {
        return shape.dim(axis);
    }

    /// The number of elements.
    public int size() {
        return shape.size();
    }

    /// Floats or ids.
    public DType dtype() {
        return dtype;
    }

    // ---- arithmetic, broadcasting

    /// `this + other`.
    public Tensor add(Tensor other) {
        return Arithmetic.of(Arithmetic.Kind.ADD, this, other);
    }

    /// `this - other`.
    public Tensor sub(Tensor other) {
        return Arithmetic.of(Arithmetic.Kind.SUB, this, other);
    }

    /// `this * other`, element by element.
    public Tensor mul(Tensor other) {
        return Arithmetic.of(Arithmetic.Kind.MUL, this, other);
    }

    /// `this / other`, element by element.
    public Tensor div(Tensor other) {
        return Arithmetic.of(Arithmetic.Kind.DIV, this, other);
    }

    /// `this * factor`.
    public Tensor mul(float factor) {
        return apply(new Scale(factor, 0));
    }

    /// `this + offset`.
    public Tensor add(float offset) {
        return apply(new Scale(1, offset));
    }

    // ---- products

    /// Matrix product of the last two axes; `other` of rank 2 is shared by the whole batch.
    public Tensor matmul(Tensor other) {
        return MatMul.of(this, other, false, false);
    }

    /// Matrix product with the transpose of `other`'s last two axes.
    public Tensor matmulTransposed(Tensor other) {
        return MatMul.of(this, other, false, true);
    }

    /// `this Wᵀ + bias`: weight (O, I), bias (O).
    public Tensor linear(Tensor weight, Tensor bias) {
        return apply(new Linear(), weight, bias);
    }

    /// `this Wᵀ`: weight (O, I).
    public Tensor linear(Tensor weight) {
        return apply(new Linear(), weight);
    }

    // ---- functions of one element

    /// `-this`.
    public Tensor neg() {
        return mul(-1);
    }

    /// `this²`.
    public Tensor square() {
        return mul(this);
    }

    /// `e` to the power `this`.
    public Tensor exp() {
        return apply(new Unary(Unary.Kind.EXP));
    }

    /// The natural logarithm.
    public Tensor log() {
        return apply(new Unary(Unary.Kind.LOG));
    }

    /// The square root.
    public Tensor sqrt() {
        return apply(new Unary(Unary.Kind.SQRT));
    }

    /// `1 / sqrt(this)`.
    public Tensor rsqrt() {
        return apply(new Unary(Unary.Kind.RSQRT));
    }

    /// `1 / this`.
    public Tensor reciprocal() {
        return apply(new Unary(Unary.Kind.RECIPROCAL));
    }

    /// The sine of an angle in radians.
    public Tensor sin() {
        return apply(new Unary(Unary.Kind.SIN));
    }

    /// The cosine of an angle in radians.
    public Tensor cos() {
        return apply(new Unary(Unary.Kind.COS));
    }

    /// `|this|`.
    public Tensor abs() {
        return apply(new Unary(Unary.Kind.ABS));
    }

    /// `this` to a fixed power.
    public Tensor pow(float power) {
        return apply(new Pow(power));
    }

    /// `this` kept within `[min, max]`.
    public Tensor clamp(float min, float max) {
        return apply(new Clamp(min, max));
    }

    // ---- activations

    /// `max(this, 0)`.
    public Tensor relu() {
        return apply(new Activation(Activation.Kind.RELU));
    }

    /// `this` where positive, `slope * this` elsewhere.
    public Tensor leakyRelu(float slope) {
        return apply(new LeakyRelu(slope));
    }

    /// `1 / (1 + exp(-this))`.
    public Tensor sigmoid() {
        return apply(new Activation(Activation.Kind.SIGMOID));
    }

    /// The hyperbolic tangent.
    public Tensor tanh() {
        return apply(new Activation(Activation.Kind.TANH));
    }

    /// `this * sigmoid(this)`.
    public Tensor silu() {
        return apply(new Activation(Activation.Kind.SILU));
    }

    /// `this` times the normal distribution function of `this`, exactly.
    public Tensor gelu() {
        return apply(new Activation(Activation.Kind.GELU));
    }

    /// [#gelu] in its approximation by a tanh.
    public Tensor geluTanh() {
        return apply(new Activation(Activation.Kind.GELU_TANH));
    }

    /// `log(1 + exp(this))`.
    public Tensor softplus() {
        return apply(new Activation(Activation.Kind.SOFTPLUS));
    }

    // ---- rows of the last axis as probabilities

    /// `exp(this)`, every row of the last axis divided by its sum.
    public Tensor softmax() {
        return apply(new Softmax());
    }

    /// The logarithm of [#softmax]: `this - logSumExp`.
    public Tensor logSoftmax() {
        return sub(apply(new LogSumExp()));
    }

    /// `log(sum of exp(this))` over `axis`, which is dropped.
    public Tensor logSumExp(int axis) {
        Tensor rows = transpose(axis, -1).apply(new LogSumExp());
        return rows.transpose(axis, -1).index(axis, 0);
    }

    /// What it costs to expect `labels` (…) of logits (…, V): `-log(softmax(this)[label])` for every row, (…).
    ///
    /// @param labels ids below V
    public Tensor crossEntropy(Tensor labels) {
        return crossEntropy(labels, 0);
    }

    /// [#crossEntropy] against targets that give `smoothing` evenly to all classes and the rest to the label.
    public Tensor crossEntropy(Tensor labels, float smoothing) {
        return apply(new CrossEntropy(smoothing), labels);
    }

    // ---- conditioning

    /// `this * (1 + scale) + shift`: this (N, T, D), shift and scale (N, 1, D) or (N, T, D).
    public Tensor modulate(Tensor shift, Tensor scale) {
        return apply(new Modulate(), shift, scale);
    }

    /// `this + gate * branch`: this and branch (N, T, D), gate (N, 1, D) or (N, T, D).
    public Tensor addGated(Tensor gate, Tensor branch) {
        return apply(new GatedResidual(), gate, branch);
    }

    /// `this * (1 + scale) + shift` on images (N, C, H, W), place by place: `map` (N, 2 C, H / f, W / f) holds C channels
    /// of scales, then C of shifts, each number for a cell of f by f pixels.
    public Tensor modulateImage(Tensor map) {
        return apply(new ModulateImage(), map);
    }

    // ---- norms

    /// Every row of the last axis to zero mean and unit variance.
    public Tensor layerNorm(float eps) {
        return apply(new LayerNorm(eps));
    }

    /// Every row of the last axis to zero mean and unit variance, times `weight` (D) plus `bias` (D).
    public Tensor layerNorm(Tensor weight, Tensor bias, float eps) {
        return apply(new LayerNorm(eps), weight, bias);
    }

    /// Every row of the last axis divided by its root mean square.
    public Tensor rmsNorm(float eps) {
        return apply(new RmsNorm(eps));
    }

    /// Every row of the last axis divided by its root mean square, times `weight` (D).
    public Tensor rmsNorm(Tensor weight, float eps) {
        return apply(new RmsNorm(eps), weight);
    }

    /// Every group of channels of every image of (N, C, …) to zero mean and unit variance.
    public Tensor groupNorm(int groups, float eps) {
        return apply(new GroupNorm(groups, eps));
    }

    /// Every group of channels of every image to zero mean and unit variance, times `weight` (C) plus `bias` (C).
    public Tensor groupNorm(int groups, Tensor weight, Tensor bias, float eps) {
        return apply(new GroupNorm(groups, eps), weight, bias);
    }

    // ---- images: (N, C, H, W)

    /// The convolution with `weight` (O, C / groups, kernel height, kernel width), plus `bias` (O) unless null.
    public Tensor conv2d(Conv2d how, Tensor weight, @Nullable Tensor bias) {
        return bias == null ? apply(how, weight) : apply(how, weight, bias);
    }

    /// Every pixel as `factor` by `factor` equal pixels.
    public Tensor upsample(int factor) {
        return apply(new Upsample(factor));
    }

    /// The mean over windows of `size` by `size` pixels, `stride` apart; pixels that fill no window are left out.
    public Tensor averagePool(int size, int stride) {
        return apply(new AveragePool(size, stride));
    }

    /// The mean over `height` by `width` windows that cover the image.
    public Tensor adaptiveAveragePool(int height, int width) {
        return apply(new AdaptiveAveragePool(height, width));
    }

    /// Channels to pixels: (N, C r², H, W) to (N, C, H r, W r). Channel `c r² + i r + j` goes to pixel (i, j) of
    /// a square.
    public Tensor pixelShuffle(int r) {
        if (shape.rank() != 4 || r < 1 || dim(1) % (r * r) != 0) {
            throw new IllegalArgumentException(
                    "pixel shuffle by " + r + " expected (N, C " + r + "², H, W) but got " + shape);
        }
        int channels = dim(1) / (r * r);
        return reshape(dim(0), channels, r, r, dim(2), dim(3))
                .permute(0, 1, 4, 2, 5, 3)
                .reshape(dim(0), channels, dim(2) * r, dim(3) * r);
    }

    /// Pixels to channels, the inverse of [#pixelShuffle]: (N, C, H r, W r) to (N, C r², H, W).
    public Tensor pixelUnshuffle(int r) {
        if (shape.rank() != 4 || r < 1 || dim(2) % r != 0 || dim(3) % r != 0) {
            throw new IllegalArgumentException("pixel unshuffle by " + r
                    + " expected (N, C, H, W) with H and W multiples of " + r + " but got " + shape);
        }
        return reshape(dim(0), dim(1), dim(2) / r, r, dim(3) / r, r)
                .permute(0, 1, 3, 5, 2, 4)
                .reshape(dim(0), dim(1) * r * r, dim(2) / r, dim(3) / r);
    }

    // ---- shape

    /// The same numbers in another shape; one size may be -1 and is then what remains.
    public Tensor reshape(int... sizes) {
        int unknown = -1;
        int known = 1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1) {
                unknown = i;
            } else {
                known *= sizes[i];
            }
        }
        int[] filled = sizes.clone();
        if (unknown >= 0) {
            filled[unknown] = known == 0 ? 0 : size() / known;
        }
        return reshape(Shape.of(filled));
    }

    /// The same numbers in another shape.
    public Tensor reshape(Shape to) {
        return to.equals(shape) ? this : apply(new Reshape(to));
    }

    /// The same numbers, through which no gradient flows back.
    public Tensor detach() {
        return apply(new Detach());
    }

    /// This tensor repeated along axes of size 1 (and new outer axes) to fill `to`.
    public Tensor broadcastTo(Shape to) {
        return shape.equals(to) ? this : apply(new Expand(to));
    }

    /// The axes in another order: axis `i` of the result is axis `order[i]` of this.
    public Tensor permute(int... order) {
        List<Integer> axes = Arrays.stream(order).map(shape::axis).boxed().toList();
        boolean same = IntStream.range(0, order.length).allMatch(i -> axes.get(i) == i);
        return same && order.length == shape.rank() ? this : apply(new Permute(axes));
    }

    /// Two axes exchanged.
    public Tensor transpose(int axisA, int axisB) {
        int[] order = IntStream.range(0, shape.rank()).toArray();
        order[shape.axis(axisA)] = shape.axis(axisB);
        order[shape.axis(axisB)] = shape.axis(axisA);
        return permute(order);
    }

    /// Indices `from … to - 1` along `axis`.
    public Tensor slice(int axis, int from, int to) {
        return slice(axis, from, to, 1);
    }

    /// Indices `from, from + step, …` below `to` along `axis`.
    public Tensor slice(int axis, int from, int to, int step) {
        boolean all = from == 0 && to == shape.dim(axis) && step == 1;
        return all ? this : apply(new Slice(shape.axis(axis), from, to, step));
    }

    /// The index `at` along `axis`, which is dropped.
    public Tensor index(int axis, int at) {
        int dropped = shape.axis(axis);
        int[] left = IntStream.range(0, shape.rank())
                .filter(i -> i != dropped)
                .map(shape::dim)
                .toArray();
        return slice(axis, at, at + 1).reshape(Shape.of(left));
    }

    /// `parts` equal pieces along `axis`.
    public List<Tensor> chunk(int parts, int axis) {
        return tape.record(new Split(shape.axis(axis), parts), List.of(this));
    }

    /// Tensors behind one another along `axis`.
    public static Tensor concat(int axis, Tensor... parts) {
        return Concat.of(parts[0].shape.axis(axis), List.of(parts));
    }

    // ---- reductions

    /// The sum over `axes`; all axes when none is given.
    ///
    /// @param keep whether summed axes stay with size 1
    public Tensor sum(boolean keep, int... axes) {
        return reduce(keep, axes, (from, to) -> new Sum(from, to, 1));
    }

    /// The mean over `axes`; all axes when none is given.
    public Tensor mean(boolean keep, int... axes) {
        return reduce(keep, axes, (from, to) -> new Sum(from, to, 1f / shape.size(from, to)));
    }

    /// The largest number over `axes`; all axes when none is given.
    public Tensor amax(boolean keep, int... axes) {
        return reduce(keep, axes, Amax::new);
    }

    /// The mean squared distance from the mean over `axes` (divided by `n`, not `n - 1`); all axes when none is
    /// given.
    public Tensor var(boolean keep, int... axes) {
        return sub(mean(true, axes)).square().mean(keep, axes);
    }

    /// Applies an op over `[from, to)` to every run of neighbouring axes, last run first.
    private Tensor reduce(boolean keep, int[] axes, BiFunction<Integer, Integer, Op> op) {
        int[] all = axes(axes);
        Tensor reduced = this;
        for (int end = all.length; end > 0; ) {
            int begin = end - 1;
            while (begin > 0 && all[begin - 1] == all[begin] - 1) {
                begin--;
            }
            reduced = reduced.apply(op.apply(all[begin], all[end - 1] + 1));
            end = begin;
        }
        if (keep) {
            return reduced;
        }
        int[] left = IntStream.range(0, shape.rank())
                .filter(i -> Arrays.binarySearch(all, i) < 0)
                .map(shape::dim)
                .toArray();
        return reduced.reshape(Shape.of(left));
    }

    private int[] axes(int... axes) {
        return axes.length == 0
                ? IntStream.range(0, shape.rank()).toArray()
                : Arrays.stream(axes).map(shape::axis).distinct().sorted().toArray();
    }

    /// The sum over the axes along which `to` would have to be repeated to give this shape: what a broadcast
    /// operand's gradient is.
    public Tensor sumTo(Shape to) {
        if (to.equals(shape)) {
            return this;
        }
        int extra = shape.rank() - to.rank();
        int[] axes = IntStream.range(0, shape.rank())
                .filter(i -> i < extra || (to.dim(i - extra) == 1 && shape.dim(i) != 1))
                .toArray();
        return (axes.length == 0 ? this : sum(true, axes)).reshape(to);
    }

    /// Records `op` on this tensor and `others`; for ops of one output.
    public Tensor apply(Op op, Tensor... others) {
        List<Tensor> inputs = IntStream.rangeClosed(0, others.length)
                .mapToObj(i -> i == 0 ? this : others[i - 1])
                .toList();
        return tape.record(op, inputs).getFirst();
    }

    /// `%12 (2, 256, 1152)`.
    @Override
    public String toString() {
        return "%" + id + " " + shape;
    }
}
