package org.vortexel.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.Callable;
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
            PrepareCommand.class,
            ReconstructCommand.class,
            InspectCommand.class,
            DevicesCommand.class
        })
public final class Main implements Callable<Integer> {
    /// What [#run] gives after Ctrl-C.
    static final int CANCELLED = 130;

    /// What [#run] gives when the caller can mend it.
    static final int BAD_INPUT = 2;

    private static final int MEGABYTE = 1 << 20;

    /// Where logback looks for its settings, unless the user has said another place.
    private static final String LOG_SETTINGS = "logback.configurationFile";

    @CommandLine.Mixin
    private Console console = new Console();

    /// Runs a command and ends the program with its exit code.
    public static void main(String... arguments) {
        if (System.getProperty(LOG_SETTINGS) == null) {
            System.setProperty(LOG_SETTINGS, "org/vortexel/cli/logback.xml");
        }
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
        try {
            return line.execute(arguments);
        } catch (OutOfMemoryError e) {
            err.println("vortexel: this needs more memory than the "
                    + Runtime.getRuntime().maxMemory() / MEGABYTE
                    + " MB that Java may use; ask for less, or for more with -Xmx (VORTEXEL_OPTS=-Xmx12g ./vortexel)");
            return BAD_INPUT;
        }
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

    /// Takes effect because the log begins with the first class that writes to it, which is after parsing.
    @CommandLine.Option(
            names = {"-v", "--verbose"},
            description = "tell more, such as which kernels are used and why",
            scope = CommandLine.ScopeType.INHERIT)
    void verbose(boolean on) {
        if (on) {
            System.setProperty("vortexel.log", "INFO");
        }
    }

    /// Without a command there is only help to give.
    @Override
    public Integer call() {
        return console.usage();
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
