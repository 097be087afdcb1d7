package uk.ac.manchester.tornado.api;

/// Stand-in. The `task(String, TaskN, ...)` overloads are found by reflection and not repeated here.
@SuppressWarnings("unused")
public class TaskGraph {
    public TaskGraph(String name) {
        throw StandIn.called();
    }

    public TaskGraph transferToDevice(int mode, Object... objects) {
        throw StandIn.called();
    }

    public TaskGraph consumeFromDevice(String uniqueTaskGraphName, Object... objects) {
        throw StandIn.called();
    }

    public TaskGraph persistOnDevice(Object... objects) {
        throw StandIn.called();
    }

    public TaskGraph transferToHost(int mode, Object... objects) {
        throw StandIn.called();
    }

    public ImmutableTaskGraph snapshot() {
        throw StandIn.called();
    }
}
