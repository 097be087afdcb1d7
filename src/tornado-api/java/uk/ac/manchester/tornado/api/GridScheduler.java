package uk.ac.manchester.tornado.api;

/// Compile-only stand-in: the work items of tasks by name.
@SuppressWarnings("unused")
public class GridScheduler {
    public GridScheduler() {
        throw StandIn.called();
    }

    public void addWorkerGrid(String taskName, WorkerGrid workerGrid) {
        throw StandIn.called();
    }
}
