package uk.ac.manchester.tornado.api.enums;

/// Stand-in. The compiler copies these numbers into the classes that use them, so they are the real ones.
public class DataTransferMode {
    public static final int FIRST_EXECUTION = 0;
    public static final int EVERY_EXECUTION = 1;
    public static final int UNDER_DEMAND = 2;

    private DataTransferMode() {}
}
