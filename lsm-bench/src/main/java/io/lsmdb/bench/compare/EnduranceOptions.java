package io.lsmdb.bench.compare;

import java.util.List;
import picocli.CommandLine.Option;

/**
 * What the long run does to each engine.
 *
 * <p>Not thread-safe.
 */
final class EnduranceOptions extends StoreOptions {
  private static final int RECORDS = 2_000_000;
  private static final long CACHE = 32L << 20;
  private static final long WRITE_BUFFER = 8L << 20;
  private static final int MAX_RATE = 1_000_000;
  private static final int MAX_SECONDS = 7 * 86_400;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Events a second, from one thread. Default: 20000.")
  int rate = 20_000;

  @Option(
      names = "--duration",
      paramLabel = "SECONDS",
      description = "Measured seconds of each engine, after 5 to warm up. Default: 40.")
  int duration = 40;

  EnduranceOptions() {
    super(RECORDS, CACHE, WRITE_BUFFER);
  }

  @Override
  void check() {
    super.check();
    within("--rate", rate, 1, MAX_RATE);
    within("--duration", duration, 1, MAX_SECONDS);
  }

  @Override
  List<String> arguments() {
    List<String> arguments = super.arguments();
    arguments.add("--rate=" + rate);
    arguments.add("--duration=" + duration);
    return arguments;
  }
}
