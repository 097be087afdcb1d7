package org.vortexel.checkpoint;

import org.jspecify.annotations.Nullable;

/// A weight file or config that cannot be used. The message is one sentence that begins with the file and, where one
/// tensor is to blame, names it with what was expected and what was found.
public final class WeightsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final @Nullable String tensor;

    private WeightsException(String source, @Nullable String tensor, String problem, @Nullable Throwable cause) {
        super(source + ": " + (tensor == null ? "" : "tensor \"" + tensor + "\" ") + problem, cause);
        this.source = source;
        this.tensor = tensor;
    }

    /// The whole file is at fault: `model.safetensors: the header says ...`.
    public static WeightsException file(String source, String problem) {
        return new WeightsException(source, null, problem, null);
    }

    /// The whole file is at fault, found by way of another exception.
    public static WeightsException file(String source, String problem, Throwable cause) {
        return new WeightsException(source, null, problem, cause);
    }

    /// One tensor is at fault: `model.safetensors: tensor "blocks.0.w" is ...`.
    public static WeightsException tensor(String source, String tensor, String problem) {
        return new WeightsException(source, shorten(tensor), problem, null);
    }

    /// One tensor is not what the model wants: `model.safetensors: tensor "w" has shape (2, 3) but (3, 2) is
    /// wanted`.
    ///
    /// @param what the property that differs, `shape` or `dtype`
    public static WeightsException mismatch(String source, String tensor, String what, Object expected, Object found) {
        return tensor(source, tensor, "has " + what + " " + found + " but " + expected + " is wanted");
    }

    /// The file or resource.
    public String source() {
        return source;
    }

    /// The tensor at fault, or null when it is the file as a whole.
    public @Nullable String tensor() {
        return tensor;
    }

    /// Names come from untrusted files: keep a message readable.
    static String shorten(String text) {
        String printable = text.codePoints()
                .limit(121)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return printable.length() <= 120 ? printable : printable.substring(0, 117) + "...";
    }
}
