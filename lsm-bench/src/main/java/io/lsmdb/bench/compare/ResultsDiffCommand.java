package io.lsmdb.bench.compare;

import io.lsmdb.bench.UserErrorException;
import io.lsmdb.bench.compare.Results.Spread;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The subcommand {@code compare-results}. Confined to the main thread. */
@Command(
    name = "compare-results",
    description = {
      "Shows how two runs of 'compare' differ, by their JSON files.",
      "Runs differ by the state of the machine too: see the engines that have not changed."
    },
    mixinStandardHelpOptions = true)
public final class ResultsDiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "OLD.json", description = "The earlier results.")
  private Path old;

  @Parameters(index = "1", paramLabel = "NEW.json", description = "The later results.")
  private Path current;

  @Option(names = "--all-figures", description = "Print every figure, not only the main ones.")
  private boolean allFigures;

  /** Used by the command line. */
  public ResultsDiffCommand() {}

  @Override
  public Integer call() throws IOException {
    Results before = read(old);
    Results after = read(current);
    PrintWriter out = spec.commandLine().getOut();
    differences(out, "Machine", before.machine(), after.machine());
    differences(out, "Settings", before.settings(), after.settings());
    List<EngineName> both =
        after.engines().keySet().stream().filter(before.engines()::containsKey).toList();
    if (both.isEmpty()) {
      throw new UserErrorException("the files have no engine in common");
    }
    for (EngineName engine : both) {
      differences(out, "Engine " + engine, before.engine(engine).facts, after.engine(engine).facts);
    }
    for (Figure figure : allFigures ? List.of(Figure.values()) : TextReport.MAIN) {
      table(out, figure, both, before, after);
    }
    out.flush();
    return 0;
  }

  static Results read(Path file) throws IOException {
    try {
      return Results.fromJson(Files.readString(file));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new UserErrorException(file + ": " + e.getMessage());
    } catch (java.nio.file.NoSuchFileException e) {
      throw new UserErrorException("there is no file " + file);
    }
  }

  private static void differences(
      PrintWriter out, String title, Map<String, String> before, Map<String, String> after) {
    Map<String, String> changed = new LinkedHashMap<>();
    after.forEach(
        (name, text) -> {
          if (!text.equals(before.get(name)) && !name.startsWith(Worker.HARNESS)) {
            changed.put(name, before.getOrDefault(name, "-") + "  ->  " + text);
          }
        });
    if (!changed.isEmpty()) {
      out.println(title + ", where it differs");
      changed.forEach((name, text) -> out.printf(Locale.ROOT, "  %-20s %s%n", name, text));
    }
  }

  private static void table(
      PrintWriter out, Figure figure, List<EngineName> engines, Results before, Results after) {
    String unit = figure.unit().isEmpty() ? "" : " [" + figure.unit() + "]";
    out.printf(
        Locale.ROOT,
        "%n%s%s%n  old, new, how many times better the new one is;"
            + " + and - where the rounds do not overlap%n%-18s",
        figure.description(),
        unit,
        "");
    engines.forEach(engine -> out.printf(Locale.ROOT, "%32s", engine));
    out.println();
    for (WorkloadName workload : after.workloads()) {
      StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-18s", workload));
      for (EngineName engine : engines) {
        Optional<Spread> was = before.get(engine, workload, figure);
        Optional<Spread> is = after.get(engine, workload, figure);
        String cell = was.isPresent() && is.isPresent() ? cell(figure, was.get(), is.get()) : "-";
        line.append(String.format(Locale.ROOT, "%32s", cell));
      }
      out.println(line);
    }
  }

  private static String cell(Figure figure, Spread was, Spread is) {
    String mark = "";
    if (is.isApartFrom(was)) {
      mark = figure.isBetter(is.median(), was.median()) ? "+" : "-";
    }
    String ratio = TextReport.ratio(figure.ratio(is.median(), was.median()));
    return TextReport.number(was.median())
        + String.format(Locale.ROOT, "%11s%7s%2s", TextReport.number(is.median()), ratio, mark);
  }
}
