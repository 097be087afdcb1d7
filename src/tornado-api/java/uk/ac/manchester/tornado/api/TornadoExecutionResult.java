package uk.ac.manchester.tornado.api;

/// Stand-in.
@SuppressWarnings("unused")
public class TornadoExecutionResult {
    TornadoExecutionResult() {
        throw StandIn.called();
    }

    public TornadoProfilerResult getProfilerResult() {
        throw StandIn.called();
    }

    public TornadoExecutionResult transferToHost(Object... objects) {
        throw StandIn.called();
    }
}
