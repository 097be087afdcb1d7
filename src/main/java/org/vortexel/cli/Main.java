package org.vortexel.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import org.vortexel.checkpoint.WeightsException;
import org.vortexel.device.DeviceException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The program `vortexel`.
@Command(
        name = "vortexel",
        description = "Draws pictures from words, all in Java.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            GenerateCommand.class,
            TrainCommand.class,
            EvaluateCommand.class,
            DataCommand.class,
            InspectCommand.class,
            DevicesCommand.class
        })
public final class Main implements Runnable {
    /// What [#run] gives after Ctrl-C.
    static final int CANCELLED = 130;

    private static final int BAD_INPUT = 2;

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    /// Runs a command and ends the program with its exit code.
    public static void main(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, System.out.charset());
        PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
        int code = run(out, err, arguments);
        out.flush();
        err.flush();
        System.exit(code);
    }

    /// Runs a command.
    ///
    /// @return the exit code
    public static int run(PrintWriter out, PrintWriter err, String... arguments) {
        CommandLine line = new CommandLine(new Main()).setOut(out).setErr(err);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, _) -> {
            err.println("vortexel: " + sentence(e));
            return BAD_INPUT;
        });
        line.setExecutionExceptionHandler((e, _, _) -> {
            if (isBadInput(e)) {
                err.println("vortexel: " + sentence(e));
                return BAD_INPUT;
            }
            err.println("vortexel: this is a fault of the program: " + e);
            e.printStackTrace(err);
            return 1;
        });
        return line.execute(arguments);
    }

    private static boolean isBadInput(Exception e) {
        return e instanceof IllegalArgumentException
                || e instanceof DeviceException
                || e instanceof WeightsException
                || e instanceof UncheckedIOException
                || e instanceof ArithmeticException;
    }

    /// The first line of a message.
    private static String sentence(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse(e.toString());
    }

    /// Without a command there is only help to give.
    @Override
    public void run() {
        CommandLine.Model.CommandSpec own = spec;
        if (own != null) {
            own.commandLine().usage(own.commandLine().getErr());
        }
    }

    /// The version in the jar's manifest.
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "vortexel " + (version == null ? "(not built as a jar)" : version) + ", Java "
                        + Runtime.version().feature()
            };
        }
    }
}
