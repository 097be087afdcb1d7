package org.vortexel.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/// Why a file could not be read or written, in words. The messages of `java.nio.file` are often the file's name
/// alone.
public final class Reason {
    private Reason() {}

    /// The reason without the file's name, such as `No space left on device`.
    public static String of(IOException e) {
        @Nullable String reason = e instanceof FileSystemException file ? file.getReason() : e.getMessage();
        if (reason != null) {
            return reason;
        }
        return switch (e) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "access is denied";
            case FileAlreadyExistsException _ -> "there is a file of that name";
            case NotDirectoryException _ -> "it is not a folder";
            case DirectoryNotEmptyException _ -> "the folder is not empty";
            default -> e.toString();
        };
    }
}
