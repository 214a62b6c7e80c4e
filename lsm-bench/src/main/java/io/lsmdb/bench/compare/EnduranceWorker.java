package io.lsmdb.bench.compare;

import io.lsmdb.bench.Directories;
import io.lsmdb.bench.compare.Message.Kind;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The long run of one engine in this JVM: fill, warm up at the same rate, measure.
 *
 * <p>Confined to one thread. Sends the figures of each second, what happened in the background, and
 * at last the figures of the whole run. All marks pass {@link Marks}: a store with checkpoints
 * would have them taken here, between two seconds, and told as marks of that kind.
 */
final class EnduranceWorker {
  /** Name of the cell with the figures of the whole run. */
  private static final String WHOLE = "whole";

  private static final int WARM_UP_SECONDS = 5;
  private static final int BATCH = 100;
  private static final long SEED = 1;

  /** Part of the progress that filling takes. */
  private static final double FILL_PART = 0.15;

  private final EngineName name;
  private final EnduranceOptions options;
  private final Path directory;
  private final Consumer<Message> out;
  private final Marks marks;

  EnduranceWorker(
      EngineName name, EnduranceOptions options, Path directory, Consumer<Message> out) {
    this.name = name;
    this.options = options;
    this.directory = directory;
    this.out = out;
    this.marks = new Marks(System::nanoTime, mark -> out.accept(mark.message()));
  }

  void run() throws Exception {
    try (BenchEngine engine =
        name.opener().open(directory, options.engineSettings(Merging.NONE, marks))) {
      StateEvents events = new StateEvents(engine, options, SEED);
      fill(engine, events);
      pace(events, new Timeline(WARM_UP_SECONDS, message -> {}), WARM_UP_SECONDS);
      measure(engine, events);
    }
  }

  private void fill(BenchEngine engine, StateEvents events) throws Exception {
    long step = Math.max(1, options.records / 20);
    long next = step;
    for (long number = 0; number < options.records; ) {
      number = events.fill(number, BATCH);
      if (number >= next) {
        tellProgress(FILL_PART * number / options.records);
        next += step;
      }
    }
    engine.flush();
    Worker.awaitIdle(engine);
  }

  private void tellProgress(double part) {
    out.accept(Message.of(Kind.STEP, String.format(Locale.ROOT, "%.4f", part)));
  }

  private void measure(BenchEngine engine, StateEvents events) throws Exception {
    Timeline timeline =
        new Timeline(
            options.duration,
            second -> {
              out.accept(second);
              marks.flush(false);
              int number = Integer.parseInt(second.fields().get(0)) + 1;
              tellProgress(FILL_PART + (1 - FILL_PART) * number / options.duration);
            });
    ProcessFigures.forgetPeak();
    long puts = events.puts();
    ProcessFigures before = ProcessFigures.now();
    marks.begin(System.nanoTime());
    long done = pace(events, timeline, options.duration);
    ProcessFigures after = ProcessFigures.now();
    Map<Figure, Double> figures = new EnumMap<>(timeline.end());
    marks.flush(true);
    figures.put(Figure.OPERATIONS, (double) done);
    figures.put(Figure.THROUGHPUT, (double) done / options.duration);
    figures.put(Figure.PROCESS_CPU, (double) (after.cpuNanos() - before.cpuNanos()) / done);
    figures.put(Figure.GC, (double) (after.gcMillis() - before.gcMillis()));
    figures.put(Figure.PEAK_MEMORY, (double) ProcessFigures.peakMemory());
    double putBytes = (double) (events.puts() - puts) * options.entryBytes();
    if (before.bytesToDevice() >= 0) {
      figures.put(Figure.WRITTEN, (after.bytesToDevice() - before.bytesToDevice()) / putBytes);
    }
    figures.put(
        Figure.DISK, bytesOnDisk(engine) / ((double) events.entries() * options.entryBytes()));
    out.accept(Message.figures(Kind.CELL, WHOLE, figures));
  }

  private double bytesOnDisk(BenchEngine engine) throws Exception {
    long told = engine.bytesOnDisk();
    return told >= 0 ? told : Directories.size(directory);
  }

  /** Handles events at the rate for some seconds; how many were done. */
  private long pace(StateEvents events, Timeline timeline, int seconds) throws Exception {
    long limit = seconds * 1_000_000_000L;
    Pace pace = new Pace(options.rate, 0, 1);
    long begin = System.nanoTime();
    pace.begin(begin);
    long done = 0;
    long end = 0;
    while (end < limit && pace.due() - begin < limit) {
      long due = pace.await();
      events.handle();
      end = System.nanoTime() - begin;
      timeline.record(due - begin, end);
      done++;
    }
    // What was due and not done has waited until now, at least.
    while (pace.due() - begin < limit) {
      timeline.recordUnfinished(pace.due() - begin, limit);
      pace.skip();
    }
    return done;
  }
}
