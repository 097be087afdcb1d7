package org.vortexel.device.host;

import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vortexel.device.Buffers;
import org.vortexel.op.Attention;
import org.vortexel.op.Conv2d;
import org.vortexel.op.Kernel;
import org.vortexel.op.Linear;
import org.vortexel.op.MatMul;
import org.vortexel.op.Tensor;
import org.vortexel.program.Node;
import org.vortexel.tensor.Shape;

/// The twins on the Vector API. Loaded only where the module `jdk.incubator.vector` is present.
final class VectorTwins implements Twins {
    /// The fewest elements that one chunk of an activation takes.
    private static final int GRAIN = 8 * 1024;
    /// With many small chunks each core would fetch ahead what the other is about to use.
    private static final int CHUNKS_PER_THREAD = 4;

    @Override
    public @Nullable Bound bind(List<Node> nodes, int at, Buffers buffers, WorkerPool pool) {
        Node node = nodes.get(at);
        if (node.op() instanceof Linear) {
            return linear(node, at + 1 < nodes.size() ? nodes.get(at + 1) : null, buffers, pool);
        }
        Step step = step(node, buffers, pool);
        return step == null ? null : new Bound(step, 1);
    }

    private static @Nullable Step step(Node node, Buffers buffers, WorkerPool pool) {
        return switch (node.op()) {
            case MatMul op -> matMul(op, node, buffers, pool);
            case Attention op -> attention(op, node, buffers, pool);
            case Attention.Gradient op -> attentionGradient(op, node, buffers, pool);
            case org.vortexel.op.Activation op -> activation(op, node, buffers, pool);
            case org.vortexel.op.Activation.Gradient op -> activationGradient(op, node, buffers, pool);
            case Conv2d op -> conv(op, node, buffers, pool);
            case Conv2d.InputGradient op -> convInputGradient(op, node, buffers, pool);
            case Conv2d.WeightGradient op -> convWeightGradient(op, node, buffers, pool);
            default -> null;
        };
    }

    @Override
    public MethodHandle kernel(Kernel plain) {
        return VectorKernels.twin(plain);
    }

    @Override
    public String reason() {
        return "Vector API kernels of " + VectorMath.LANES + " lanes";
    }

    private static Step matMul(MatMul op, Node node, Buffers buffers, WorkerPool pool) {
        Tensor a = node.inputs().get(0);
        Tensor b = node.inputs().get(1);
        MatMul.Sizes s = op.sizes(a.shape(), b.shape());
        float[] x = buffers.floats(a);
        float[] y = buffers.floats(b);
        float[] out = buffers.floats(node.outputs().getFirst());
        int aStride = op.transposeA() ? s.rows() : s.inner();
        int bStride = op.transposeB() ? s.inner() : s.columns();
        int bBatch = b.shape().rank() == 2 ? 0 : s.inner() * s.columns();
        return () -> Gemm.batched(
                pool,
                s.batch(),
                s.rows(),
                s.columns(),
                s.inner(),
                x,
                0,
                s.rows() * s.inner(),
                aStride,
                op.transposeA(),
                y,
                0,
                bBatch,
                bStride,
                op.transposeB(),
                out,
                0,
                s.rows() * s.columns(),
                s.columns(),
                false,
                Epilogue.NONE);
    }

    /// A layer and, where `next` is an activation in place of its result, that too. Weights that stay the same
    /// are packed once.
    private static Bound linear(Node node, @Nullable Node next, Buffers buffers, WorkerPool pool) {
        Tensor weight = node.inputs().get(1);
        int outputs = weight.dim(0);
        int inputs = weight.dim(1);
        int tokens = node.inputs().getFirst().size() / Math.max(1, inputs);
        float[] x = buffers.floats(node.inputs().get(0));
        float[] w = buffers.floats(weight);
        float[] out = buffers.floats(node.outputs().getFirst());
        float[] bias = node.inputs().size() > 2 ? buffers.floats(node.inputs().get(2)) : null;
        Activation activation =
                next == null ? Activation.NONE : follows(node.outputs().getFirst(), next, buffers);
        Epilogue epilogue = new Epilogue(bias, 0, activation, null, 0, 0);
        int nodes = activation == Activation.NONE ? 1 : 2;
        if (buffers.isSteady(weight)) {
            PackedB packed = PackedB.of(w, 0, inputs, true, inputs, outputs);
            return new Bound(
                    () -> Gemm.multiply(pool, tokens, x, 0, inputs, false, packed, out, 0, outputs, false, epilogue),
                    nodes);
        }
        return new Bound(
                () -> Gemm.multiply(
                        pool, tokens, outputs, inputs, x, 0, inputs, false, w, 0, inputs, true, out, 0, outputs, false,
                        epilogue),
                nodes);
    }

    /// The activation that `next` is, if it takes `result` and puts its own in the same place.
    @SuppressWarnings("ReferenceEquality") // the same array, not equal numbers
    private static Activation follows(Tensor result, Node next, Buffers buffers) {
        boolean inPlace = next.inputs().getFirst() == result
                && buffers.share(next.outputs().getFirst(), result);
        Activation f = inPlace && next.op() instanceof org.vortexel.op.Activation op ? tuned(op.kind()) : null;
        return f == null ? Activation.NONE : f;
    }

    private static VectorAttention.Operands operands(
            Attention op, Tensor q, Tensor k, Tensor v, List<Tensor> masks, Buffers buffers) {
        int queries = q.dim(1);
        int keys = k.dim(1);
        float[] mask = {};
        int[] strides = new int[3];
        for (Tensor m : masks) {
            mask = buffers.floats(m);
            int stride = keys;
            for (int axis = 2; axis >= 0; axis--) {
                strides[axis] = m.dim(axis) > 1 ? stride : 0;
                stride *= m.dim(axis);
            }
        }
        return new VectorAttention.Operands(
                buffers.floats(q),
                buffers.floats(k),
                buffers.floats(v),
                mask,
                q.dim(2),
                k.dim(2),
                op.kOffset(),
                op.vOffset(),
                op.heads(),
                op.headWidth(),
                queries,
                keys,
                op.causal(),
                op.scale(),
                strides[0],
                strides[1],
                strides[2]);
    }

    private static Step attention(Attention op, Node node, Buffers buffers, WorkerPool pool) {
        List<Tensor> in = node.inputs();
        VectorAttention.Operands operands =
                operands(op, in.get(0), in.get(1), in.get(2), in.subList(3, in.size()), buffers);
        float[] out = buffers.floats(node.outputs().get(0));
        float[] lse = buffers.floats(node.outputs().get(1));
        int pairs = in.getFirst().dim(0) * op.heads();
        return () -> pool.run(pairs, pair -> VectorAttention.forward(out, lse, operands, pair));
    }

    private static Step attentionGradient(Attention.Gradient op, Node node, Buffers buffers, WorkerPool pool) {
        List<Tensor> in = node.inputs();
        VectorAttention.Operands operands =
                operands(op.of(), in.get(3), in.get(4), in.get(5), in.subList(6, in.size()), buffers);
        int tensors = op.packing().tensors();
        float[] dq = buffers.floats(node.outputs().getFirst());
        float[] dk = buffers.floats(node.outputs().get(Math.min(1, tensors - 1)));
        float[] dv = buffers.floats(node.outputs().get(tensors - 1));
        float[] delta = buffers.floats(node.outputs().get(tensors));
        float[] dscores = op.ofMask() ? buffers.floats(node.outputs().get(tensors + 1)) : null;
        float[] dout = buffers.floats(in.get(0));
        float[] lse = buffers.floats(in.get(2));
        int pairs = in.get(3).dim(0) * op.of().heads();
        return () -> pool.run(
                pairs, pair -> VectorAttention.backward(dq, dk, dv, delta, dscores, dout, lse, operands, pair));
    }

    private static @Nullable Activation tuned(org.vortexel.op.Activation.Kind kind) {
        return switch (kind) {
            case SILU -> Activation.SILU;
            case GELU -> Activation.GELU_ERF;
            case GELU_TANH -> Activation.GELU_TANH;
            case RELU -> Activation.RELU;
            case SIGMOID -> Activation.SIGMOID;
            case TANH -> Activation.TANH;
            case SOFTPLUS -> null;
        };
    }

    /// Elements of a chunk: whole vectors.
    private static int grain(int size, WorkerPool pool) {
        int even = Math.ceilDiv(size, CHUNKS_PER_THREAD * pool.threads());
        return Math.max(GRAIN, Math.ceilDiv(even, VectorMath.LANES) * VectorMath.LANES);
    }

    private static @Nullable Step activation(
            org.vortexel.op.Activation op, Node node, Buffers buffers, WorkerPool pool) {
        Activation f = tuned(op.kind());
        if (f == null) {
            return null;
        }
        float[] x = buffers.floats(node.inputs().getFirst());
        float[] out = buffers.floats(node.outputs().getFirst());
        int size = node.inputs().getFirst().size();
        return () -> pool.ranges(
                size, grain(size, pool), (begin, count) -> Activations.forward(f, out, begin, x, begin, count));
    }

    private static @Nullable Step activationGradient(
            org.vortexel.op.Activation.Gradient op, Node node, Buffers buffers, WorkerPool pool) {
        Activation f = tuned(op.kind());
        if (f == null) {
            return null;
        }
        float[] dy = buffers.floats(node.inputs().get(0));
        float[] x = buffers.floats(node.inputs().get(1));
        float[] dx = buffers.floats(node.outputs().getFirst());
        int size = node.inputs().getFirst().size();
        return () -> pool.ranges(
                size,
                grain(size, pool),
                (begin, count) -> Activations.backward(f, dx, begin, dy, begin, x, begin, count));
    }

    private static ConvShape shape(Conv2d op, Shape x, Shape w, Shape out) {
        return new ConvShape(
                x.dim(0),
                op.groups(),
                w.dim(1),
                x.dim(2),
                x.dim(3),
                w.dim(0) / op.groups(),
                out.dim(2),
                out.dim(3),
                w.dim(2),
                w.dim(3),
                op.stride(),
                1,
                op.top(),
                op.left());
    }

    private static Step conv(Conv2d op, Node node, Buffers buffers, WorkerPool pool) {
        List<Tensor> in = node.inputs();
        Tensor to = node.outputs().getFirst();
        ConvShape shape = shape(op, in.get(0).shape(), in.get(1).shape(), to.shape());
        float[] x = buffers.floats(in.get(0));
        float[] w = buffers.floats(in.get(1));
        float[] bias = in.size() > 2 ? buffers.floats(in.get(2)) : null;
        float[] out = buffers.floats(to);
        WinogradTile tile = Winograd.tile(shape);
        if (tile != null) {
            Winograd winograd = new Winograd(shape, tile);
            int depth = shape.depth();
            if (buffers.isSteady(in.get(1))) {
                float[] filters = new float[winograd.filterSize()];
                winograd.filters(pool, filters, w, depth, 9, false);
                return () -> winograd.apply(pool, out, x, filters, bias);
            }
            return () -> {
                float[] filters = Scratch.ofThread().left(winograd.filterSize());
                winograd.filters(pool, filters, w, depth, 9, false);
                winograd.apply(pool, out, x, filters, bias);
            };
        }
        if (shape.isDepthwise()) {
            return () -> VectorConv.depthwise(pool, out, x, w, bias, shape);
        }
        VectorConv product = new VectorConv(shape);
        return () -> product.forward(pool, out, x, w, bias);
    }

    private static @Nullable Step convInputGradient(
            Conv2d.InputGradient op, Node node, Buffers buffers, WorkerPool pool) {
        Tensor to = node.outputs().getFirst();
        Tensor from = node.inputs().get(0);
        Tensor weight = node.inputs().get(1);
        ConvShape shape = shape(op.of(), to.shape(), weight.shape(), from.shape());
        if (!shape.hasTransposed() || (shape.isDepthwise() && shape.filters() > 1)) {
            return null;
        }
        float[] dout = buffers.floats(from);
        float[] w = buffers.floats(weight);
        float[] dx = buffers.floats(to);
        ConvShape back = shape.transposed();
        WinogradTile tile = Winograd.tile(back);
        if (tile != null) {
            Winograd winograd = new Winograd(back, tile);
            int depth = shape.depth();
            return () -> {
                float[] filters = Scratch.ofThread().left(winograd.filterSize());
                winograd.filters(pool, filters, w, 9, depth, true);
                winograd.apply(pool, dx, dout, filters, null);
            };
        }
        if (shape.isDepthwise()) {
            return () -> VectorConv.depthwise(pool, dx, dout, VectorConv.turned(pool, w, shape), null, back);
        }
        VectorConv product = new VectorConv(back);
        return () -> product.forward(pool, dx, dout, VectorConv.turned(pool, w, shape), null);
    }

    private static @Nullable Step convWeightGradient(
            Conv2d.WeightGradient op, Node node, Buffers buffers, WorkerPool pool) {
        Tensor to = node.outputs().getFirst();
        Tensor from = node.inputs().get(0);
        Tensor image = node.inputs().get(1);
        ConvShape shape = shape(op.of(), image.shape(), to.shape(), from.shape());
        if (shape.isDepthwise()) {
            return null;
        }
        float[] dout = buffers.floats(from);
        float[] x = buffers.floats(image);
        float[] dw = buffers.floats(to);
        WinogradTile tile = Winograd.tile(shape);
        if (tile != null) {
            WinogradGradient winograd = new WinogradGradient(shape, tile);
            return () -> winograd.apply(pool, dw, dout, x);
        }
        VectorConv product = new VectorConv(shape);
        return () -> product.weightGradient(pool, dw, dout, x);
    }
}
