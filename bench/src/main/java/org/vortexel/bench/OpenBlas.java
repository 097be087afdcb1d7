package org.vortexel.bench;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.javacpp.FloatPointer;

/// Matrix products by OpenBLAS on memory outside the heap.
final class OpenBlas implements Peer {
    private final int m;
    private final int n;
    private final int k;
    private final FloatPointer x;
    private final FloatPointer w;
    private final FloatPointer y;

    OpenBlas(Work work, Recorded recorded, int threads) {
        if (!work.kind().equals("matmul")) {
            throw new IllegalArgumentException("OpenBLAS does no " + work.kind());
        }
        m = work.size(0);
        n = work.size(1);
        k = work.size(2);
        x = new FloatPointer(recorded.inputs().get("x"));
        w = new FloatPointer(recorded.weights().get("w").data());
        y = new FloatPointer((long) m * n);
        blas_set_num_threads(threads);
        run();
        float[] result = new float[m * n];
        y.get(result);
        recorded.check("OpenBLAS", "y", result, 1e-3);
    }

    @Override
    public void run() {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, x, k, w, k, 0, y, n);
    }

    @Override
    public void close() {
        x.close();
        w.close();
        y.close();
    }
}
