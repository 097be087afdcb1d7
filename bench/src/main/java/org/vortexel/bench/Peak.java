package org.vortexel.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.vortexel.device.host.WorkerPool;

/// Nothing but fused multiply-adds in registers, on every thread: what the machine can do at the most.
final class Peak implements Peer {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 100_000;
    private static final int CHAINS = 10;

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

    private static float chains(float start) {
        FloatVector a0 = FloatVector.broadcast(SPECIES, start);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector a4 = a0;
        FloatVector a5 = a0;
        FloatVector a6 = a0;
        FloatVector a7 = a0;
        FloatVector a8 = a0;
        FloatVector a9 = a0;
        FloatVector factor = FloatVector.broadcast(SPECIES, 0.999f);
        FloatVector term = FloatVector.broadcast(SPECIES, 0.001f);
        for (int i = 0; i < ROUNDS; i++) {
            a0 = a0.fma(factor, term);
            a1 = a1.fma(factor, term);
            a2 = a2.fma(factor, term);
            a3 = a3.fma(factor, term);
            a4 = a4.fma(factor, term);
            a5 = a5.fma(factor, term);
            a6 = a6.fma(factor, term);
            a7 = a7.fma(factor, term);
            a8 = a8.fma(factor, term);
            a9 = a9.fma(factor, term);
        }
        FloatVector sum = a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).add(a8).add(a9);
        return sum.lane(0) * 1e-3f;
    }

    @Override
    public void close() {
        pool.close();
    }
}
