package io.lsmdb.bench.compare;

import io.lsmdb.bench.UserErrorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The subcommand {@code chart}. Confined to the main thread. */
@Command(
    name = "chart",
    description = {
      "Draws one figure of a run of 'compare' as an SVG file: this library beside the best RocksDB.",
      "With --html, writes the page of that run anew instead."
    },
    mixinStandardHelpOptions = true)
public final class ChartCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RESULTS.json", description = "Written by compare --json.")
  private Path results;

  @Option(names = "--out", paramLabel = "FILE", required = true, description = "The file to write.")
  private Path out;

  @Option(
      names = "--figure",
      paramLabel = "NAME",
      converter = FigureConverter.class,
      defaultValue = "caller-cpu",
      description = "Such as caller-cpu, process-cpu, throughput, p999. Default: ${DEFAULT-VALUE}.")
  private Figure figure;

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      converter = WorkloadName.Converter.class,
      defaultValue =
          "fillrandom,overwrite,readrandom,readmissing,readskewed,readmodifywrite,seekrandom,"
              + "readseq,readreverse,prefixscan,snapshot,deletequeue",
      description = "Which workloads. Default: ${DEFAULT-VALUE}.")
  private List<WorkloadName> workloads;

  @Option(names = "--html", description = "Write the page with all charts instead.")
  private boolean html;

  /** Used by the command line. */
  public ChartCommand() {}

  @Override
  public Integer call() throws IOException {
    JvmOptions.checkWritable(out);
    Results read = ResultsDiffCommand.read(results);
    if (html) {
      Files.writeString(out, HtmlReport.of(read));
      return 0;
    }
    RatioChart chart = new RatioChart(read, figure, workloads);
    if (chart.isEmpty()) {
      throw new UserErrorException(results + " has no " + figure + " of both lsmdb and RocksDB");
    }
    Files.writeString(out, chart.draw());
    return 0;
  }

  /** For options. */
  static final class FigureConverter implements ITypeConverter<Figure> {
    @Override
    public Figure convert(String text) {
      try {
        return Figure.of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException("'" + text + "' is no figure of the results");
      }
    }
  }
}
