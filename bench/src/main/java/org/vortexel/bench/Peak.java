package org.vortexel.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.vortexel.device.host.WorkerPool;

/// Nothing but fused multiply-adds in registers, on every thread: what the machine can do at the most.
final class Peak implements Peer {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 100_000;
    private static final int CHAINS = 12;

    private final WorkerPool pool;
    private final float[] sink;

    Peak(int threads) {
        pool = WorkerPool.of(threads);
        sink = new float[threads * 64];
    }

    /// Floating point operations of one run.
    static double flops(int threads) {
        return 2.0 * ROUNDS * CHAINS * SPECIES.length() * threads;
    }

    @Override
    public void run() {
        pool.run(pool.threads(), i -> sink[i * 64] = chains(sink[i * 64]));
    }

    /// Sums that depend on nothing but themselves, as many as hide the latency of a multiply-add.
    private static float chains(float start) {
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector term = FloatVector.broadcast(SPECIES, 0.001f + start);
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        FloatVector a8 = a0;
        FloatVector a9 = a0;
        FloatVector a10 = a0;
        FloatVector a11 = a0;
        for (int i = 0; i < ROUNDS; i++) {
            a0 = factor.fma(term, a0);
            a1 = factor.fma(term, a1);
            a2 = factor.fma(term, a2);
            a3 = factor.fma(term, a3);
            a4 = factor.fma(term, a4);
            a5 = factor.fma(term, a5);
            a6 = factor.fma(term, a6);
            a7 = factor.fma(term, a7);
            a8 = factor.fma(term, a8);
            a9 = factor.fma(term, a9);
            a10 = factor.fma(term, a10);
            a11 = factor.fma(term, a11);
        }
        FloatVector sum = a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).add(a8).add(a9).add(a10).add(a11);
        return sum.lane(0) * 1e-9f;
    }

    @Override
    public void close() {
        pool.close();
    }
}
