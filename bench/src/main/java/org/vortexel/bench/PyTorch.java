package org.vortexel.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.norm.LayerNorm;

/// PyTorch through DJL. Its results are new arrays: DJL has no call that writes into a given one.
///
/// Attention is made of two products and a softmax, since DJL does not offer PyTorch's fused one.
final class PyTorch implements Peer {
    private final NDManager manager = NDManager.newBaseManager("PyTorch");
    private final Work work;
    private final NDArray x;
    private final NDArray w;

    PyTorch(Work work, int threads) {
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        this.work = work;
        int rows = work.size(0);
        w = switch (work.kind()) {
            case "matmul" -> array(work.size(1), work.size(2)).transpose();
            case "layernorm" -> manager.ones(new Shape(work.size(1)));
            default -> manager.ones(new Shape(1));
        };
        x = switch (work.kind()) {
            case "matmul" -> array(rows, work.size(2));
            case "attention" -> array(rows, work.size(1), 3L * work.size(2) * work.size(3));
            default -> array(rows, work.size(1));
        };
    }

    private NDArray array(long... sizes) {
        Shape shape = new Shape(sizes);
        return manager.create(Peer.normal(Math.toIntExact(shape.size())), shape);
    }

    @Override
    public void run() {
        try (NDManager scope = manager.newSubManager()) {
            x.tempAttach(scope);
            w.tempAttach(scope);
            switch (work.kind()) {
                case "matmul" -> x.matMul(w);
                case "attention" -> attention();
                case "layernorm" -> LayerNorm.layerNorm(x, new Shape(work.size(1)), w, w.sub(w), 1e-6f);
                case "softmax" -> x.softmax(-1);
                case "gelu" -> Activation.gelu(x);
                case "silu" -> Activation.swish(x, 1);
                default -> throw new IllegalArgumentException("no work " + work.kind());
            }
        }
    }

    private void attention() {
        int heads = work.size(2);
        int width = work.size(3);
        NDArray packed = x.reshape(work.size(0), work.size(1), 3, heads, width).transpose(2, 0, 3, 1, 4);
        NDArray q = packed.get(0);
        NDArray k = packed.get(1).transpose(0, 1, 3, 2);
        NDArray p = q.matMul(k).mul(1 / (float) Math.sqrt(width)).softmax(-1);
        p.matMul(packed.get(2)).transpose(0, 2, 1, 3).reshape(work.size(0), work.size(1), heads * width);
    }

    @Override
    public void close() {
        manager.close();
    }
}
