package uk.ac.manchester.tornado.api;

/// Stand-in.
public class ImmutableTaskGraph {
    ImmutableTaskGraph() {
        throw StandIn.called();
    }
}
