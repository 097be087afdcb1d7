/// The command line. May depend on every other package; nothing depends on it.
///
/// Read [Main], then [GenerateCommand].
///
/// ```
/// ./vortexel generate | train | evaluate | data build | inspect | devices
///      |
/// Main: parses (picocli), runs, turns what went wrong into one sentence and an exit code
/// ```
///
/// *Decisions*
///
/// - Exit codes: 0 done, 2 for anything that the caller can mend (the sentence on the error stream says what; too
///   little memory and a full disk are among it), 130 after Ctrl-C, 1 for a fault of the program.
/// - Results go to files and their paths to the standard output; everything else goes to the error stream.
@NullMarked
package org.vortexel.cli;

import org.jspecify.annotations.NullMarked;
