package uk.ac.manchester.tornado.api;

/// Compile-only stand-in: where a work item of a kernel of work groups is, and what its group shares.
@SuppressWarnings("unused")
public class KernelContext {
    public final Integer groupIdx = 0;
    public final Integer groupIdy = 0;
    public final Integer groupIdz = 0;
    public final Integer localIdx = 0;
    public final Integer localIdy = 0;

    public KernelContext() {
        throw StandIn.called();
    }

    public float[] allocateFloatLocalArray(int size) {
        throw StandIn.called();
    }

    public void localBarrier() {
        throw StandIn.called();
    }
}
