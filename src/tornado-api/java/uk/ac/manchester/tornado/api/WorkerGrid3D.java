package uk.ac.manchester.tornado.api;

/// Compile-only stand-in: work items in three dimensions.
@SuppressWarnings("unused")
public class WorkerGrid3D implements WorkerGrid {
    public WorkerGrid3D(int x, int y, int z) {
        throw StandIn.called();
    }

    @Override
    public void setLocalWork(long x, long y, long z) {
        throw StandIn.called();
    }
}
