package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The limits of size that CONTRIBUTING.md sets: lines of a file, parameters of a method.
 *
 * <p>What exceeds them still is listed in {@code limits.txt}, which may only shrink: a name that
 * exceeds nothing any more has to go. Classes are named without their package, so that they may
 * move. The components of a record do not count: they have names where they are used.
 */
@SuppressWarnings({"unused", "UnusedMethod", "UnusedVariable", "ClassCanBeStatic"}) // counted only
class LimitsTest {
  private static final int MAX_LINES = 400;
  private static final int MAX_PARAMETERS = 5;

  @Test
  void filesAreShort() throws IOException {
    Set<String> found = new TreeSet<>();
    try (Stream<Path> files = Files.walk(sources())) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (Files.readAllLines(file).size() > MAX_LINES) {
          found.add(file.getFileName().toString().replace(".java", ""));
        }
      }
    }
    assertExcepted("lines", found);
  }

  @Test
  void parameterListsAreShort() throws ReflectiveOperationException, IOException {
    Set<String> found = new TreeSet<>();
    for (JavaClass javaClass :
        new ClassFileImporter()
            .withImportOption(new ArchitectureTest.MainClasses())
            .importPackages("io.lsmdb")) {
      Class<?> type = Class.forName(javaClass.getName(), false, LimitsTest.class.getClassLoader());
      found.addAll(withManyParameters(type));
    }
    assertExcepted("parameters", found);
  }

  @Test
  void parametersAreCountedAsTheyAreWritten() {
    assertEquals(List.of("LimitsTest.Inner", "LimitsTest.many"), sorted(LimitsTest.class));
    assertEquals(List.of(), withManyParameters(Named.class), "components of a record");
    assertEquals(List.of(), withManyParameters(Choice.class), "an enum has two hidden ones");
  }

  private static void many(int a, int b, int c, int d, int e, int f) {}

  private static void some(int a, int b, int c, int d, int e) {}

  private record Named(int a, int b, int c, int d, int e, int f) {}

  private enum Choice {
    ONE(1, 2, 3, 4, 5);

    Choice(int a, int b, int c, int d, int e) {}
  }

  /** Its first constructor has one hidden parameter more. */
  private final class Inner {
    Inner(int a, int b, int c, int d, int e) {}

    Inner(int a, int b, int c, int d, int e, int f) {}
  }

  private static List<String> sorted(Class<?> type) {
    return Stream.of(withManyParameters(type), withManyParameters(Inner.class))
        .flatMap(List::stream)
        .sorted()
        .toList();
  }

  private static List<String> withManyParameters(Class<?> type) {
    List<Executable> all = new ArrayList<>(List.of(type.getDeclaredMethods()));
    if (!type.isRecord() && !type.isAnonymousClass() && !type.isLocalClass()) {
      all.addAll(List.of(type.getDeclaredConstructors()));
    }
    return all.stream()
        .filter(member -> !member.isSynthetic())
        .filter(member -> parameters(member) > MAX_PARAMETERS)
        .map(LimitsTest::nameOf)
        .distinct()
        .toList();
  }

  /** The number of parameters that stand in the source. */
  private static int parameters(Executable member) {
    Class<?> type = member.getDeclaringClass();
    int hidden = 0;
    if (member instanceof Constructor) {
      boolean isInner = type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
      hidden = type.isEnum() ? 2 : isInner ? 1 : 0;
    }
    return member.getParameterCount() - hidden;
  }

  private static String nameOf(Executable member) {
    Class<?> type = member.getDeclaringClass();
    String className =
        type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    return member instanceof Method ? className + "." + member.getName() : className;
  }

  private static void assertExcepted(String kind, Set<String> found) throws IOException {
    Set<String> excepted;
    try (InputStream in = LimitsTest.class.getResourceAsStream("limits.txt")) {
      excepted =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> line.startsWith(kind + " "))
              .map(line -> line.substring(kind.length() + 1))
              .collect(Collectors.toCollection(TreeSet::new));
    }
    Set<String> news = new TreeSet<>(found);
    news.removeAll(excepted);
    assertEquals(Set.of(), news, "beyond the limit of " + kind);
    excepted.removeAll(found);
    assertEquals(Set.of(), excepted, "within the limit of " + kind + ", to go from limits.txt");
  }

  /** The sources, as seen from the module's folder or from the root of the repository. */
  private static Path sources() {
    Path inModule = Path.of("src", "main", "java");
    return Files.isDirectory(inModule) ? inModule : Path.of("lsm-core").resolve(inModule);
  }
}
