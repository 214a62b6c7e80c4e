package io.lsmdb.bench.compare;

import io.lsmdb.bench.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a long run has found about each engine, second by second.
 *
 * <p>Not thread-safe.
 */
final class EnduranceResults {
  /** Latencies above this are worth counting seconds of, in nanoseconds. */
  static final double SLOW_NANOS = 10e6;

  private static final double FORMAT = 1;

  private final Map<String, String> machine = new LinkedHashMap<>();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<EngineName, Run> runs = new LinkedHashMap<>();

  /** What was found about one engine. */
  static final class Run {
    /** Why there are no results, or why they end; null if all is well. */
    String obstacle;

    final Map<String, String> facts = new TreeMap<>();
    final Map<Figure, Double> whole = new EnumMap<>(Figure.class);
    final List<Map<Figure, Double>> seconds = new ArrayList<>();
    final List<Mark> marks = new ArrayList<>();

    /** The second with the longest 99.9 %, from 0; empty before the first. */
    Optional<Integer> worstSecond() {
      int worst = -1;
      for (int i = 0; i < seconds.size(); i++) {
        if (worst < 0 || slowest(i) > slowest(worst)) {
          worst = i;
        }
      }
      return worst < 0 ? Optional.empty() : Optional.of(worst);
    }

    /** The 99.9 % of a second, in nanoseconds. */
    double slowest(int second) {
      return seconds.get(second).getOrDefault(Figure.P999, 0.0);
    }

    /** Seconds of which one event in a thousand took longer than {@link #SLOW_NANOS}. */
    long slowSeconds() {
      return seconds.stream().filter(s -> s.getOrDefault(Figure.P999, 0.0) > SLOW_NANOS).count();
    }

    /** How many of a kind there were, and how long they took in milliseconds. */
    double[] sum(BackgroundEvents.Kind kind) {
      double count = 0;
      double millis = 0;
      for (Mark mark : marks) {
        if (mark.kind() == kind) {
          count += mark.count();
          millis += mark.millis();
        }
      }
      return new double[] {count, millis};
    }
  }

  Map<String, String> machine() {
    return machine;
  }

  Map<String, String> settings() {
    return settings;
  }

  Map<EngineName, Run> runs() {
    return runs;
  }

  Run run(EngineName engine) {
    return runs.computeIfAbsent(engine, e -> new Run());
  }

  String toJson() {
    List<Object> engines = new ArrayList<>();
    runs.forEach(
        (name, run) -> {
          Map<String, Object> engine = new LinkedHashMap<>();
          engine.put("name", name.toString());
          engine.put("obstacle", run.obstacle);
          engine.put("facts", run.facts);
          engine.put("whole", run.whole);
          engine.put("seconds", columns(run.seconds));
          engine.put("marks", run.marks.stream().map(Mark::toJson).toList());
          engines.add(engine);
        });
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.put("machine", machine);
    all.put("settings", settings);
    all.put("engines", engines);
    return Json.write(all);
  }

  /** A list for each figure; -1 where a second has none. */
  private static Map<Figure, List<Double>> columns(List<Map<Figure, Double>> seconds) {
    Map<Figure, List<Double>> columns = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      if (seconds.stream().anyMatch(second -> second.containsKey(figure))) {
        columns.put(figure, seconds.stream().map(s -> s.getOrDefault(figure, -1.0)).toList());
      }
    }
    return columns;
  }
}
