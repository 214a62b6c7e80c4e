package io.lsmdb.bench.compare;

import io.lsmdb.Durability;
import io.lsmdb.bench.DurabilityConverter;
import io.lsmdb.bench.Json;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a run of the comparison has found, with all that is needed to judge and to repeat it.
 *
 * <p>Not thread-safe.
 */
final class Results {
  /** The setting whose value decides which variants of RocksDB promise as much. */
  static final String DURABILITY = "durability";

  private static final double FORMAT = 1;

  private final Map<String, String> machine = new LinkedHashMap<>();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final Map<EngineName, EngineResults> engines = new LinkedHashMap<>();

  /** What was found about one engine. */
  static final class EngineResults {
    /** Why there are no results, or why they end; null if all is well. */
    String obstacle;

    final Map<String, String> facts = new TreeMap<>();
    final Map<WorkloadName, String> notes = new EnumMap<>(WorkloadName.class);
    private final Map<WorkloadName, Map<Figure, List<Double>>> cells =
        new EnumMap<>(WorkloadName.class);

    /** Adds what a round has measured. */
    void add(WorkloadName workload, Map<Figure, Double> round) {
      Map<Figure, List<Double>> cell =
          cells.computeIfAbsent(workload, w -> new EnumMap<>(Figure.class));
      round.forEach(
          (figure, value) -> cell.computeIfAbsent(figure, f -> new ArrayList<>()).add(value));
    }

    Optional<Spread> get(WorkloadName workload, Figure figure) {
      List<Double> rounds = cells.getOrDefault(workload, Map.of()).get(figure);
      return rounds == null ? Optional.empty() : Optional.of(Spread.of(rounds));
    }
  }

  /**
   * Figures of all rounds.
   *
   * @param rounds how many there were
   */
  record Spread(double median, double min, double max, int rounds) {
    static Spread of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      int middle = sorted.size() / 2;
      double median =
          sorted.size() % 2 == 1
              ? sorted.get(middle)
              : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
      return new Spread(median, sorted.get(0), sorted.get(sorted.size() - 1), sorted.size());
    }

    /** Whether the rounds of both were all on the same side; a single round tells too little. */
    boolean isApartFrom(Spread other) {
      return rounds > 1 && other.rounds > 1 && (min > other.max || max < other.min);
    }
  }

  Map<String, String> machine() {
    return machine;
  }

  Map<String, String> settings() {
    return settings;
  }

  Map<EngineName, EngineResults> engines() {
    return engines;
  }

  EngineResults engine(EngineName name) {
    return engines.computeIfAbsent(name, n -> new EngineResults());
  }

  Optional<Spread> get(EngineName engine, WorkloadName workload, Figure figure) {
    EngineResults results = engines.get(engine);
    return results == null ? Optional.empty() : results.get(workload, figure);
  }

  /** The workloads with any result or note, in their order. */
  Set<WorkloadName> workloads() {
    Set<WorkloadName> workloads = EnumSet.noneOf(WorkloadName.class);
    for (EngineResults results : engines.values()) {
      workloads.addAll(results.cells.keySet());
      workloads.addAll(results.notes.keySet());
    }
    return workloads;
  }

  /**
   * The figure of the best variant of RocksDB, by its median.
   *
   * <p>Where a workload writes, only variants count that promise what the others promise: Flink's
   * and Kafka Streams' write no log.
   */
  Optional<Spread> bestRocksDb(WorkloadName workload, Figure figure) {
    boolean logged =
        !DurabilityConverter.format(Durability.NO_WAL).equals(settings.get(DURABILITY))
            && (workload.puts() > 0
                || workload == WorkloadName.REOPEN
                || workload == WorkloadName.READWHILEWRITING);
    Spread best = null;
    for (EngineName engine : engines.keySet()) {
      Optional<Spread> spread = get(engine, workload, figure);
      boolean counts = engine.isRocksDb() && (!logged || engine.keepsWritesOnKill());
      if (counts
          && spread.isPresent()
          && (best == null || figure.isBetter(spread.get().median(), best.median()))) {
        best = spread.get();
      }
    }
    return Optional.ofNullable(best);
  }

  /** How an engine stands beside the best variant of RocksDB. */
  enum Outcome {
    /** Better in all rounds. */
    WIN,
    /** The rounds overlap. */
    TIE,
    /** Worse in all rounds. */
    LOSS
  }

  /** Empty where either has no figure. */
  Optional<Outcome> outcome(EngineName engine, WorkloadName workload, Figure figure) {
    Optional<Spread> ours = get(engine, workload, figure);
    Optional<Spread> theirs = bestRocksDb(workload, figure);
    if (ours.isEmpty() || theirs.isEmpty()) {
      return Optional.empty();
    }
    if (!ours.get().isApartFrom(theirs.get())) {
      return Optional.of(Outcome.TIE);
    }
    return Optional.of(
        figure.isBetter(ours.get().median(), theirs.get().median()) ? Outcome.WIN : Outcome.LOSS);
  }

  String toJson() {
    List<Object> list = new ArrayList<>();
    engines.forEach(
        (name, results) -> {
          Map<String, Object> engine = new LinkedHashMap<>();
          engine.put("name", name.toString());
          engine.put("obstacle", results.obstacle);
          engine.put("facts", results.facts);
          engine.put("notes", results.notes);
          engine.put("cells", results.cells);
          list.add(engine);
        });
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.put("machine", machine);
    all.put("settings", settings);
    all.put("engines", list);
    return Json.write(all);
  }

  /** The results in a text; throws {@link IllegalArgumentException} when it holds none. */
  static Results fromJson(String text) {
    try {
      Map<?, ?> all = (Map<?, ?>) Json.parse(text);
      if (!Double.valueOf(FORMAT).equals(all.get("format"))) {
        throw new IllegalArgumentException("not results of this version");
      }
      Results results = new Results();
      copy(all.get("machine"), results.machine);
      copy(all.get("settings"), results.settings);
      for (Object element : (List<?>) all.get("engines")) {
        Map<?, ?> engine = (Map<?, ?>) element;
        EngineResults into = results.engine(EngineName.of((String) engine.get("name")));
        into.obstacle = (String) engine.get("obstacle");
        copy(engine.get("facts"), into.facts);
        ((Map<?, ?>) engine.get("notes"))
            .forEach((name, note) -> into.notes.put(WorkloadName.of((String) name), (String) note));
        ((Map<?, ?>) engine.get("cells"))
            .forEach((name, cell) -> readCell(WorkloadName.of((String) name), cell, into));
      }
      return results;
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("not results of this program", e);
    }
  }

  private static void copy(Object from, Map<String, String> into) {
    ((Map<?, ?>) from).forEach((name, value) -> into.put((String) name, (String) value));
  }

  private static void readCell(WorkloadName workload, Object cell, EngineResults into) {
    Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    ((Map<?, ?>) cell)
        .forEach(
            (name, values) -> {
              List<Double> rounds = new ArrayList<>();
              ((List<?>) values).forEach(value -> rounds.add((Double) value));
              if (!rounds.isEmpty()) {
                figures.put(Figure.of((String) name), rounds);
              }
            });
    into.cells.put(workload, figures);
  }
}
