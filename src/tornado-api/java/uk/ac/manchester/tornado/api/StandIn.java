package uk.ac.manchester.tornado.api;

/// What every stand-in does when it is called.
final class StandIn {
    private StandIn() {}

    static UnsupportedOperationException called() {
        return new UnsupportedOperationException("a compile-only stand-in of TornadoVM's API was called");
    }
}
