package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The paths in docs/paths.md, compared with the classes that operations on a small store enter.
 *
 * <p>The number of classes of each path may only shrink.
 */
class ReadingOrderTest {
  private static final Path PAGE = Path.of("../docs/paths.md");

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"put, 19", "get, 6", "iterate, 19"})
  void aPathNamesWhatIsEntered(String operation, int most) throws Exception {
    List<String> documented = documented(operation);
    EnteredClasses entered = EnteredClasses.of(operation, directory.resolve("store"));
    List<String> missing = new ArrayList<>(entered.onTheWay());
    missing.removeAll(documented);
    assertEquals(List.of(), missing, "classes that docs/paths.md leaves out");
    List<String> idle = new ArrayList<>(documented);
    idle.removeAll(entered.all());
    assertEquals(List.of(), idle, "classes in docs/paths.md that are not entered");
    assertTrue(documented.size() <= most, documented.size() + " classes; no more than " + most);
  }

  private static List<String> documented(String operation) throws IOException {
    String page = Files.readString(PAGE);
    String section = page.split("\n## " + operation + "\n")[1].split("\n## ")[0];
    return Pattern.compile("`(\\w+)`").matcher(section).results().map(m -> m.group(1)).toList();
  }
}
