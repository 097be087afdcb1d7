package org.vortexel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every source file is formatted as `mvn spotless:apply` would.
///
/// A test, and not `spotless:check`, because the formatter parses with the compiler of the JVM that runs it:
/// tests run on JDK 25, Maven often on 17, whose compiler does not know `_`. There `spotless:check` fails,
/// except for files that its cache in `target` calls clean.
class FormatTest {
    private static final Formatter FORMATTER = Formatter.createFormatter(
            JavaFormatterOptions.builder().style(Style.PALANTIR).build());

    /// What spotless does, step by step.
    private static String formatted(String source) throws FormatterException {
        String ordered = ImportOrderer.reorderImports(source, Style.PALANTIR);
        return FORMATTER.formatSource(RemoveUnusedImports.removeUnusedImports(ordered));
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everySourceFileIsFormatted() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path file : sources()) {
            String source = Files.readString(file).replace("\r\n", "\n");
            try {
                if (!source.equals(formatted(source))) {
                    wrong.add(file.toString());
                }
            } catch (FormatterException e) {
                wrong.add(file + ": " + e.getMessage());
            }
        }
        assertEquals(List.of(), wrong, "run JAVA_HOME=<a JDK 25> mvn spotless:apply");
        assertTrue(sources().size() > 100, "the sources were not found");
    }

    @Test
    void badSpacingAndImportsAreFound() throws FormatterException {
        String good = """
            package a;

            import b.B;
            import c.C;

            class A {
                B b = new B(_ -> new C());
            }
            """;
        assertEquals(good, formatted(good));
        assertEquals(good, formatted(good.replace("    B b = ", "  B b=")));
        assertEquals(
                good, formatted(good.replace("import b.B;\nimport c.C;", "import c.C;\nimport b.B;\nimport d.D;")));
    }
}
