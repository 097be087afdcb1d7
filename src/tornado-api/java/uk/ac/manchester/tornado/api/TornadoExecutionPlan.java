package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/// Stand-in.
@SuppressWarnings("unused")
public class TornadoExecutionPlan implements AutoCloseable {
    public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
        throw StandIn.called();
    }

    public TornadoExecutionPlan withDevice(TornadoDevice device) {
        throw StandIn.called();
    }

    public TornadoExecutionPlan withGraph(int graphIndex) {
        throw StandIn.called();
    }

    public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
        throw StandIn.called();
    }

    public TornadoExecutionResult execute() {
        throw StandIn.called();
    }

    public TornadoExecutionPlan freeDeviceMemory() {
        throw StandIn.called();
    }

    @Override
    public void close() throws TornadoExecutionPlanException {
        throw StandIn.called();
    }
}
