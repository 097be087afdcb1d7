package uk.ac.manchester.tornado.api.exceptions;

/// Compile-only stand-in: an array does not fit into the memory that TornadoVM may use.
public class TornadoOutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TornadoOutOfMemoryException() {}
}
