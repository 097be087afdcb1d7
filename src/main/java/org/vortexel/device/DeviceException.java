package org.vortexel.device;

/// A device that is not there or cannot do what it was asked; the message is one sentence that says what to do.
public final class DeviceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// With a sentence for the user.
    public DeviceException(String message) {
        super(message);
    }

    /// With a sentence for the user, and the device's own words.
    public DeviceException(String message, Throwable cause) {
        super(message, cause);
    }
}
