package io.lsmdb.testing.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps docs/testing.md in step with the examples, which the build compiles and runs. */
final class TestingPageTest {
  private static final Path PAGE = Path.of("..", "docs", "testing.md");
  private static final Path EXAMPLES = Path.of("src/test/java/io/lsmdb/testing/example");
  private static final Pattern PROGRAM = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
  private static final Pattern CLASS = Pattern.compile("final class (\\w+)");

  @Test
  void programsAreTheExamples() throws IOException {
    Set<String> shown = new LinkedHashSet<>();
    Matcher programs = PROGRAM.matcher(read(PAGE));
    while (programs.find()) {
      Matcher name = CLASS.matcher(programs.group(1));
      assertTrue(name.find(), "a program must be complete: " + programs.group(1));
      String source = read(EXAMPLES.resolve(name.group(1) + ".java"));
      assertEquals(source.substring(source.indexOf("\n\n") + 2), programs.group(1), name.group(1));
      shown.add(name.group(1));
    }
    assertEquals(Set.of("Ledger", "LedgerPowerLossTest", "LedgerFaultTest", "ExpiryTest"), shown);
  }

  @Test
  void tablesNameEveryCrashModeAndFault() throws IOException {
    String page = read(PAGE);
    for (CrashMode mode : CrashMode.values()) {
      assertTrue(page.contains("\n| `" + mode + "` |"), mode.toString());
    }
    for (Fault fault : Fault.values()) {
      assertTrue(page.contains("`" + fault + "`"), fault.toString());
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file).replace("\r\n", "\n");
  }
}
