package uk.ac.manchester.tornado.api;

/// Compile-only stand-in: how many work items there are.
public interface WorkerGrid {
    void setLocalWork(long x, long y, long z);
}
