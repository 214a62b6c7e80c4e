package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.Durability;
import io.lsmdb.WriteOptions;
import io.lsmdb.bench.ByteSize;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.Terminal;
import io.lsmdb.bench.UserErrorException;
import io.lsmdb.bench.demo.Verifier.MismatchException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The subcommand {@code demo}. Confined to the main thread. */
@Command(
    name = "demo",
    description = {
      "The state store of a stream of purchases, checked at the end against a recomputation.",
      "Exit codes: 0 all values are right; 1 a value is wrong, or there was no event; 2 bad usage."
    },
    mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {
  private static final String SAMPLE = "online-retail-events.csv";
  private static final String STANDARD_INPUT = "-";

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "CSV lines user,merchant,amount,timestamp; - for standard input. Default: the sample in"
              + " the jar, \"Online Retail\" (UCI, Daqing Chen, 2015, CC BY 4.0).")
  private String file;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "1",
      description = "Replay the input N times, with other users each time.")
  private int repeat;

  @Option(
      names = "--generate",
      paramLabel = "N",
      description = "Generate N events instead of reading any.")
  private Long generate;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of --generate. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the store lives: empty or new. Default: a temporary directory.")
  private Path directory;

  @Option(names = "--keep", description = "Leave the store there at the end.")
  private boolean keep;

  @Option(
      names = "--durability",
      paramLabel = "HOW",
      defaultValue = "buffered",
      converter = DurabilityConverter.class,
      description = "sync, buffered or no-wal. Default: ${DEFAULT-VALUE}.")
  private Durability durability;

  @Option(
      names = "--cache",
      paramLabel = "SIZE",
      defaultValue = "64m",
      converter = ByteSize.class,
      description = "Block cache, for example 64m. Default: ${DEFAULT-VALUE}.")
  private long cache;

  @Option(
      names = "--write-buffer",
      paramLabel = "SIZE",
      defaultValue = "64m",
      converter = ByteSize.class,
      description = "Memtable of each family. Default: ${DEFAULT-VALUE}.")
  private long writeBuffer;

  private final DemoSettings.StoreOpener store;

  /** Runs on a real store. */
  public DemoCommand() {
    this(Db::open);
  }

  DemoCommand(DemoSettings.StoreOpener store) {
    this.store = store;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    DemoSettings settings = settings();
    try (StoreDirectory place = StoreDirectory.prepare(directory, keep)) {
      try {
        if (new DemoRun(settings, place, out, err).run()) {
          return 0;
        }
        err.println("error: the input holds no event");
      } catch (MismatchException e) {
        place.keep();
        err.println("MISMATCH: " + e.getMessage());
        err.println("The store is left in " + place.path());
      }
      err.flush();
      return 1;
    }
  }

  private DemoSettings settings() throws IOException {
    if (repeat < 1 || repeat > Purchases.MAX_ROUNDS) {
      throw new UserErrorException("--repeat must be from 1 to " + Purchases.MAX_ROUNDS);
    }
    if (generate != null && generate < 1) {
      throw new UserErrorException("--generate must be at least 1");
    }
    if (generate != null && (file != null || repeat > 1)) {
      throw new UserErrorException("--generate goes neither with a file nor with --repeat");
    }
    DbOptions options =
        DbOptions.builder()
            .blockCacheSize(cache)
            .defaultFamilyOptions(
                ColumnFamilyOptions.builder().writeBufferSize(writeBuffer).build())
            .familyOptions(Shape.familyOptions(writeBuffer))
            .build();
    WriteOptions writes = WriteOptions.builder().durability(durability).build();
    return new DemoSettings(input(), inputName(), options, writes, store, Terminal.isInteractive());
  }

  private String inputName() {
    if (generate != null) {
      return String.format(Locale.ROOT, "%,d generated events, seed %d", generate, seed);
    }
    String times = repeat == 1 ? "" : " × " + repeat;
    if (file == null) {
      return SAMPLE + times + " (shipped: \"Online Retail\", Daqing Chen, 2015, CC BY 4.0)";
    }
    return (file.equals(STANDARD_INPUT) ? "standard input" : file) + times;
  }

  private DemoSettings.Input input() throws IOException {
    if (generate != null) {
      return malformed -> new GeneratedPurchases(generate, seed);
    }
    if (file == null) {
      byte[] sample = sample();
      return malformed ->
          repeated(malformed, lines -> csv(new ByteArrayInputStream(sample), sample.length, lines));
    }
    if (file.equals(STANDARD_INPUT)) {
      if (repeat > 1) {
        throw new UserErrorException("--repeat needs a file: standard input can be read only once");
      }
      return malformed -> csv(System.in, -1, malformed);
    }
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      throw new UserErrorException("there is no file " + file);
    }
    if (Files.isDirectory(path) || !Files.isReadable(path)) {
      throw new UserErrorException(file + " is not a file that can be read");
    }
    long length = Files.isRegularFile(path) ? Files.size(path) : -1;
    return malformed ->
        repeated(malformed, lines -> csv(Files.newInputStream(path), length, lines));
  }

  /** Malformed lines are reported in the first round, and not again. */
  private Purchases repeated(MalformedLines malformed, DemoSettings.Input input)
      throws IOException {
    MalformedLines ignored = new MalformedLines(new PrintWriter(PrintWriter.nullWriter()));
    return Purchases.repeat(round -> input.open(round == 0 ? malformed : ignored), repeat);
  }

  private static Purchases csv(InputStream in, long length, MalformedLines malformed) {
    return new CsvPurchases(in, length, malformed);
  }

  private static byte[] sample() {
    try (InputStream in = DemoCommand.class.getResourceAsStream(SAMPLE)) {
      if (in == null) {
        throw new IllegalStateException("the sample " + SAMPLE + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
