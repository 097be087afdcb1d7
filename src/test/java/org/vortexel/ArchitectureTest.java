package org.vortexel;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The house rules that can be read off the class files.
///
/// Every rule is tried twice: the product must keep it, and the small house under `org.vortexel.fixture`, built to
/// break
/// each rule in one place, must be found out in exactly that place. A rule that stopped seeing anything would fail too.
class ArchitectureTest {
    private static final String HOUSE = "org.vortexel";
    private static final String FIXTURE = "org.vortexel.fixture";

    /// The rooms, ground floor first: a room may use only those named before it.
    private static final List<String> ROOMS = List.of(
            "tensor",
            "op",
            "program",
            "device",
            "nn",
            "checkpoint",
            "image",
            "data",
            "text",
            "diffusion",
            "dit",
            "codec",
            "codebook",
            "ar",
            "eval",
            "train",
            "pipeline",
            "cli");

    /// Rooms that meet only further up, in `pipeline` and `train`.
    private static final List<String> STRANGERS = List.of("dit", "ar", "codec", "text");

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(HOUSE);
    /// Where a violation begins, as ArchUnit prints it; the class it leads to stands after a lower-case verb.
    private static final Pattern OFFENDER =
            Pattern.compile("(?:Class|Field|Method|Constructor) <org\\.vortexel\\.fixture\\.([a-z.]*[A-Z]\\w*)");

    private static final JavaClasses FIXTURES = new ClassFileImporter().importPackages(FIXTURE);

    @Test
    void everyClassLivesInARoom() {
        check(ArchitectureTest::livesInARoom, "utils.Stray");
    }

    @Test
    void roomsUseOnlyTheRoomsNamedBeforeThem() {
        check(ArchitectureTest::looksDown, "tensor.LooksUp");
    }

    @Test
    void strangersDoNotMeet() {
        check(ArchitectureTest::strangersDoNotMeet, "dit.ReadsText");
    }

    @Test
    void packagesFormNoCycles() {
        check(ArchitectureTest::noCycles, "program.one.One", "program.two.Two");
    }

    @Test
    void tornadoIsSeenOnlyByItsDevice() {
        check(root -> only(root, "uk.ac.manchester.tornado..", "device.tornado"), "nn.SeesTornado");
    }

    @Test
    void theVectorModuleIsSeenOnlyByTheHost() {
        check(root -> only(root, "jdk.incubator.vector..", "device.host"), "nn.SeesVectors");
    }

    @Test
    void onlyTheCommandLinePrints() {
        check(ArchitectureTest::onlyCliPrints, "op.Prints");
    }

    @Test
    void everyPackageIsNullMarked() {
        check(ArchitectureTest::nullMarked, "eval.Unmarked");
    }

    @Test
    void everyPackageIsDocumented() throws IOException {
        assertEquals(Set.of(), undocumented(Path.of("src/main/java")));
        assertEquals(
                Set.of(Path.of("src/test/java/org/vortexel/fixture/eval")),
                undocumented(Path.of("src/test/java/org/vortexel/fixture")));
    }

    /// The product keeps the rule; in the fixture exactly the named classes break it.
    private static void check(Function<String, ArchRule> rule, String... offenders) {
        rule.apply(HOUSE).check(PRODUCT);
        String report = String.join(
                "\n", rule.apply(FIXTURE).evaluate(FIXTURES).getFailureReport().getDetails());
        Set<String> found =
                OFFENDER.matcher(report).results().map(match -> match.group(1)).collect(Collectors.toSet());
        assertEquals(Set.of(offenders), found, report);
    }

    private static ArchRule livesInARoom(String root) {
        return classes().should().resideInAnyPackage(within(root, ROOMS)).allowEmptyShould(true);
    }

    private static ArchRule looksDown(String root) {
        ArchRule[] rules = IntStream.range(0, ROOMS.size() - 1)
                .mapToObj(floor -> noClasses()
                        .that()
                        .resideInAPackage(within(root, ROOMS.get(floor)))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(within(root, ROOMS.subList(floor + 1, ROOMS.size())))
                        .allowEmptyShould(true))
                .toArray(ArchRule[]::new);
        return CompositeArchRule.of(List.of(rules));
    }

    private static ArchRule strangersDoNotMeet(String root) {
        return CompositeArchRule.of(STRANGERS.stream()
                .map(room -> noClasses()
                        .that()
                        .resideInAPackage(within(root, room))
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(within(
                                root,
                                STRANGERS.stream()
                                        .filter(other -> !other.equals(room))
                                        .toList()))
                        .allowEmptyShould(true))
                .toList());
    }

    private static ArchRule noCycles(String root) {
        return slices().matching(root + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }

    private static ArchRule only(String root, String guarded, String room) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(within(root, room))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(guarded)
                .allowEmptyShould(true);
    }

    private static ArchRule onlyCliPrints(String root) {
        return noClasses()
                .that()
                .resideOutsideOfPackage(within(root, "cli"))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .allowEmptyShould(true);
    }

    private static ArchRule nullMarked(String root) {
        return classes()
                .should(new ArchCondition<>("live in a package with @NullMarked") {
                    @Override
                    public void check(JavaClass type, ConditionEvents events) {
                        if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
                            events.add(violated(
                                    type, "Class <" + type.getName() + "> is in a package without @NullMarked"));
                        }
                    }
                })
                .allowEmptyShould(true);
    }

    /// Folders with Java sources whose `package-info.java` is missing or does not begin with a `///` comment.
    private static Set<Path> undocumented(Path sources) throws IOException {
        Set<Path> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                Path info = file.resolveSibling("package-info.java");
                if (!Files.exists(info) || !Files.readString(info).startsWith("/// ")) {
                    found.add(file.getParent());
                }
            }
        }
        return found;
    }

    private static String[] within(String root, List<String> rooms) {
        return rooms.stream().map(room -> within(root, room)).toArray(String[]::new);
    }

    private static String within(String root, String room) {
        return root + "." + room + "..";
    }
}
