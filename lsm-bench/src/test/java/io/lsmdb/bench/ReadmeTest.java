package io.lsmdb.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import io.lsmdb.ReadOptions;
import io.lsmdb.WriteOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs and the tables of options in README.md and docs/, compared with the code. */
final class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final Path OPTIONS = Path.of("..", "docs", "options.md");
  private static final Pattern SNIPPET = Pattern.compile("(?ms)^```java\\n(.*?)^```$");
  private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
  private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| `([^`]+)` \\|.*");
  private static final Pattern SIZE = Pattern.compile("(\\d+) ([KMG])iB");
  private static final String UNITS = "KMG";

  @TempDir private Path temporary;

  @Test
  void programsCompileWithoutWarningAndRun() throws Exception {
    Map<String, String> output = new TreeMap<>();
    Matcher snippets = SNIPPET.matcher(Files.readString(README));
    while (snippets.find()) {
      Matcher name = CLASS.matcher(snippets.group(1));
      assertTrue(name.find(), "a program must be complete: " + snippets.group(1));
      output.put(name.group(1), compileAndRun(name.group(1), snippets.group(1)));
    }
    assertEquals(Map.of("Hello", "3\nanna/milk = 1\nanna/tea = 3\n"), output);
  }

  @Test
  void firstScreenHoldsTheProgramAndTheCommands() throws IOException {
    String screen = Files.readString(README).lines().limit(40).collect(Collectors.joining("\n"));
    assertTrue(SNIPPET.matcher(screen).find(), "a whole program");
    assertTrue(screen.contains("\n    mvn -q -B -DskipTests package && java -jar "), "the demo");
    assertTrue(screen.contains("\n    mvn -B -ntp verify"), "the tests");
  }

  @Test
  void programsOfThePagesRun() throws Exception {
    assertEquals(
        "anna has 3 teas\nnow gone: true\nstill there: true\nanna/milk = 1\n",
        runPage("getting-started.md", "FirstProgram"));
    assertEquals("low\n", runPage("column-families.md", "Families"));
    assertEquals("anna clicked 3 times\n", runPage("merge.md", "Counters"));
    assertEquals("in the batch: false\nanna = 3\nbert = 7\n", runPage("batches.md", "Batches"));
    assertEquals("milk 120\ntea 350\n", runPage("state-views.md", "Views"));
    assertEquals("true\nfalse\n", runPage("ttl.md", "Sessions"));
    assertEquals("5\nfalse\naccount/anna\n", runPage("single-calls.md", "Accounts"));
  }

  private String runPage(String page, String program) throws Exception {
    Matcher snippet = SNIPPET.matcher(Files.readString(Path.of("..", "docs", page)));
    assertTrue(snippet.find(), page + " has a program");
    return compileAndRun(program, snippet.group(1));
  }

  private String compileAndRun(String name, String source) throws Exception {
    Path directory = Files.createDirectory(temporary.resolve(name));
    Path file = Files.writeString(directory.resolve(name + ".java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of(
            "-Xlint:all,-path", "-Werror", "-proc:none", "-cp", classPath(), "-d", "" + directory);
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertTrue(compiled, messages.toString());
    }
    PrintStream standardOutput = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
      System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
      Method main = loader.loadClass(name).getMethod("main", String[].class);
      main.invoke(null, (Object) new String[] {directory.resolve("state").toString()});
    } finally {
      System.setOut(standardOutput);
    }
    return printed.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
  }

  private static String classPath() {
    String ofTests = System.getProperty("surefire.test.class.path");
    return ofTests == null ? System.getProperty("java.class.path") : ofTests;
  }

  @Test
  void optionsTablesNameEverySettingWithItsDefault() throws Exception {
    check("DbOptions", DbOptions.builder().build(), DbOptions.Builder.class);
    check(
        "ColumnFamilyOptions",
        ColumnFamilyOptions.builder().build(),
        ColumnFamilyOptions.Builder.class);
    check("ReadOptions", ReadOptions.DEFAULT, ReadOptions.Builder.class);
    check("WriteOptions", WriteOptions.BUFFERED, WriteOptions.Builder.class);
  }

  private static void check(String section, Object defaults, Class<?> builder) throws Exception {
    Map<String, String> documented = table(section);
    TreeSet<String> settings =
        Arrays.stream(builder.getMethods())
            .filter(method -> method.getReturnType() == builder)
            .filter(method -> !Modifier.isStatic(method.getModifiers()))
            .map(Method::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(settings, new TreeSet<>(documented.keySet()), section);
    for (Map.Entry<String, String> setting : documented.entrySet()) {
      assertEquals(
          defaultOf(defaults, setting.getKey()),
          plain(setting.getValue()),
          section + "." + setting.getKey());
    }
  }

  private static Map<String, String> table(String section) throws IOException {
    String text = Files.readString(OPTIONS);
    int start = text.indexOf("\n## " + section + "\n");
    assertTrue(start >= 0, OPTIONS + " has no section " + section);
    String rest = text.substring(start + 4);
    String body = rest.contains("\n## ") ? rest.substring(0, rest.indexOf("\n## ")) : rest;
    Map<String, String> rows = new LinkedHashMap<>();
    body.lines()
        .filter(line -> line.startsWith("| `"))
        .forEach(
            line -> {
              Matcher row = ROW.matcher(line);
              assertTrue(row.matches(), line);
              assertEquals(null, rows.put(row.group(1), row.group(2)), "twice: " + line);
            });
    return rows;
  }

  /** The default as the code has it, in the words of the tables, sizes as plain numbers. */
  private static String defaultOf(Object defaults, String setting) throws Exception {
    if (setting.equals("prefix")) {
      return "none"; // Goes into the bounds, hence has no accessor.
    }
    String accessor =
        switch (setting) {
          case "stallTimeout" -> "stallTimeoutNanos";
          case "timeToLive" -> "timeToLiveMillis";
          default -> setting;
        };
    Object value = defaults.getClass().getMethod(accessor).invoke(defaults);
    if (value == null
        || (accessor.equals("timeToLiveMillis") && value.equals(0L))
        || value == EventListener.NONE
        || Map.of().equals(value)) {
      return "none";
    } else if (setting.equals("dbWriteBufferSize")) {
      assertEquals(Runtime.getRuntime().maxMemory() / 4, value);
      return "a quarter of the heap";
    } else if (value instanceof ColumnFamilyOptions) {
      return "all defaults";
    } else if (value instanceof List<?> list) {
      return list.stream().map(String::valueOf).collect(Collectors.joining(", "));
    } else if (accessor.equals("stallTimeoutNanos") && value.equals(Long.MAX_VALUE)) {
      return "no limit";
    }
    return value.toString();
  }

  private static String plain(String documented) {
    Matcher size = SIZE.matcher(documented);
    if (!size.matches()) {
      return documented;
    }
    int shift = 10 * (UNITS.indexOf(size.group(2)) + 1);
    return Long.toString(Long.parseLong(size.group(1)) << shift);
  }
}
