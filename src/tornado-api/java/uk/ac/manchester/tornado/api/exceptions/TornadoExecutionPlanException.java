package uk.ac.manchester.tornado.api.exceptions;

/// Stand-in.
public class TornadoExecutionPlanException extends Exception {
    private static final long serialVersionUID = 1;
}
