package io.lsmdb.bench.basics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.UserErrorException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code compare-basics}: rounds of one JVM per engine, in turns, then medians.
 *
 * <p>Confined to the main thread. Children end with this process.
 */
@Command(
    name = "compare-basics",
    description = {
      "Compares basic operations with RocksDB through JNI, in the same run.",
      "RocksDB is not part of the jar: build it in with -Ppeers, or name its jar."
    },
    mixinStandardHelpOptions = true)
public final class CompareBasicsCommand implements Callable<Integer> {
  private static final String ROCKSDB_CLASS = "/org/rocksdb/RocksDB.class";
  private static final String ROCKSDB_ARTIFACT = "org.rocksdb:rocksdbjni:10.4.2:jar:linux64";

  @Spec private CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "JVMs per engine. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--entries",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "Entries of 16 + 100 bytes. Default: ${DEFAULT-VALUE}.")
  private int entries;

  @Option(
      names = "--engines",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "lsmdb,rocksdb",
      description = "Which engines. Default: ${DEFAULT-VALUE}.")
  private List<EngineName> engines;

  @Option(names = "--rocksdb-jar", paramLabel = "JAR", description = "The jar " + ROCKSDB_ARTIFACT)
  private Path rocksdbJar;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the stores live. Default: a temporary directory.")
  private Path directory;

  /** Used by the command line. */
  public CompareBasicsCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkSettings();
    PrintWriter out = spec.commandLine().getOut();
    Path parent =
        directory == null
            ? Files.createTempDirectory("lsmdb-basics-")
            : Files.createTempDirectory(Files.createDirectories(directory), "basics-");
    Map<EngineName, Map<Figure, List<Double>>> results = new EnumMap<>(EngineName.class);
    try {
      for (int round = 0; round < rounds; round++) {
        for (EngineName engine : inTurns(round)) {
          Map<Figure, Double> figures = runChild(engine, parent);
          Map<Figure, List<Double>> all =
              results.computeIfAbsent(engine, e -> new EnumMap<>(Figure.class));
          figures.forEach(
              (figure, v) -> all.computeIfAbsent(figure, f -> new ArrayList<>()).add(v));
          out.printf(Locale.ROOT, "round %d %-8s %s%n", round + 1, engine, figures);
          out.flush();
        }
      }
    } finally {
      Directories.delete(parent);
    }
    report(out, results);
    return 0;
  }

  private void checkSettings() {
    if (rounds < 1 || entries < 1) {
      throw new UserErrorException("--rounds and --entries must be at least 1");
    }
    boolean bundled = CompareBasicsCommand.class.getResource(ROCKSDB_CLASS) != null;
    if (engines.contains(EngineName.rocksdb) && rocksdbJar == null && !bundled) {
      throw new UserErrorException(
          "RocksDB is not in this jar; build with 'mvn -Ppeers -DskipTests package', or fetch "
              + ROCKSDB_ARTIFACT
              + " and name it with --rocksdb-jar");
    }
    if (rocksdbJar != null && !Files.isReadable(rocksdbJar)) {
      throw new UserErrorException("cannot read " + rocksdbJar);
    }
  }

  /** The engines, every other round in reverse. */
  private List<EngineName> inTurns(int round) {
    List<EngineName> order = new ArrayList<>(engines);
    if (round % 2 == 1) {
      Collections.reverse(order);
    }
    return order;
  }

  private Map<Figure, Double> runChild(EngineName engine, Path parent)
      throws IOException, InterruptedException {
    Path store = Files.createTempDirectory(parent, engine + "-");
    Process child =
        new ProcessBuilder(command(engine, store))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    Thread killer = new Thread(child::destroyForcibly, "end child JVM");
    Runtime.getRuntime().addShutdownHook(killer);
    try {
      Map<Figure, Double> figures = readResults(child);
      int exit = child.waitFor();
      if (exit != 0 || figures.isEmpty()) {
        throw new UserErrorException(
            "the JVM for " + engine + " ended with exit code " + exit + "; see its output above");
      }
      return figures;
    } finally {
      child.destroyForcibly().waitFor();
      Runtime.getRuntime().removeShutdownHook(killer);
      Directories.delete(store);
    }
  }

  private List<String> command(EngineName engine, Path store) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx2g");
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-cp");
    String jar = rocksdbJar == null ? "" : File.pathSeparator + rocksdbJar.toAbsolutePath();
    command.add(System.getProperty("java.class.path") + jar);
    command.add("io.lsmdb.bench.Main");
    Collections.addAll(
        command, WorkerCommand.NAME, engine.name(), store.toString(), Integer.toString(entries));
    return command;
  }

  private static Map<Figure, Double> readResults(Process child) throws IOException {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(WorkerCommand.RESULT)) {
          String[] fields = line.substring(WorkerCommand.RESULT.length()).split(" ", -1);
          figures.put(Figure.valueOf(fields[0]), Double.valueOf(fields[1]));
        }
      }
    }
    return figures;
  }

  private void report(PrintWriter out, Map<EngineName, Map<Figure, List<Double>>> results) {
    out.printf(
        Locale.ROOT,
        "%nMedians of %d rounds; %,d entries of 16 + 100 bytes; CPU ns per operation.%n%-54s",
        rounds,
        entries,
        "");
    results.keySet().forEach(engine -> out.printf(Locale.ROOT, "%10s", engine));
    out.println(results.size() == 2 ? "     ratio" : "");
    for (Figure figure : Figure.values()) {
      out.printf(Locale.ROOT, "%-54s", figure.description);
      for (Map<Figure, List<Double>> all : results.values()) {
        String median = all.containsKey(figure) ? format(median(all.get(figure))) : "-";
        out.printf(Locale.ROOT, "%10s", median);
      }
      out.println(ratio(figure, results));
    }
    out.flush();
  }

  /** How much of RocksDB's figure lsmdb needs, where both are known. */
  private static String ratio(Figure figure, Map<EngineName, Map<Figure, List<Double>>> results) {
    if (results.size() < 2 || results.values().stream().anyMatch(f -> !f.containsKey(figure))) {
      return "";
    }
    double ours = median(results.get(EngineName.lsmdb).get(figure));
    double theirs = median(results.get(EngineName.rocksdb).get(figure));
    return String.format(Locale.ROOT, "%10.2f", ours / theirs);
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
