package io.lsmdb.bench.compare;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * One line from a child JVM to its parent; other lines are of no concern. Immutable.
 *
 * @param kind what it tells
 * @param fields its parts, without tabs and line ends
 */
record Message(Kind kind, List<String> fields) {
  private static final String PREFIX = "lsm-bench-message\t";

  /** What a message tells. */
  enum Kind {
    /** A workload of the warm-up or of the measurement, or a part of a long run, is done. */
    STEP,
    /** Name and text: a setting of the engine. */
    FACT,
    /** Workload and text: something to know about a result. */
    NOTE,
    /** Workload and figures. */
    CELL,
    /** Number of the second, then figures: what a second of a long run gave. */
    SECOND,
    /** A {@link Mark}: what happened in the background of a long run. */
    MARK,
    /** A text: the engine cannot be loaded. */
    UNAVAILABLE,
    /** A text: the engine failed, or gave a wrong result. */
    FAILED
  }

  static Message of(Kind kind, String... fields) {
    return new Message(
        kind, Arrays.stream(fields).map(field -> field.replaceAll("\\s+", " ")).toList());
  }

  static Message cell(WorkloadName workload, Map<Figure, Double> figures) {
    return figures(Kind.CELL, workload.toString(), figures);
  }

  static Message figures(Kind kind, String name, Map<Figure, Double> figures) {
    String[] fields = new String[figures.size() + 1];
    fields[0] = name;
    int i = 1;
    for (Map.Entry<Figure, Double> figure : figures.entrySet()) {
      fields[i++] = figure.getKey().name() + "=" + figure.getValue();
    }
    return of(kind, fields);
  }

  /** The figures of a cell or a second. */
  Map<Figure, Double> figures() {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    for (String field : fields.subList(1, fields.size())) {
      int equals = field.indexOf('=');
      figures.put(
          Figure.valueOf(field.substring(0, equals)), Double.valueOf(field.substring(equals + 1)));
    }
    return figures;
  }

  WorkloadName workload() {
    return WorkloadName.of(fields.get(0));
  }

  String line() {
    return PREFIX + kind + "\t" + String.join("\t", fields);
  }

  /** The message in a line; null when the line is none. */
  static Message parse(String line) {
    if (!line.startsWith(PREFIX)) {
      return null;
    }
    List<String> parts = Arrays.asList(line.substring(PREFIX.length()).split("\t", -1));
    return new Message(Kind.valueOf(parts.get(0)), parts.subList(1, parts.size()));
  }
}
