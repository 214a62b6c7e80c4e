package io.lsmdb.bench.jmh;

import io.lsmdb.bench.Json;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;

/**
 * The least time of each benchmark of one run, with the circumstances. Immutable.
 *
 * @param circumstances names and values of the machine
 * @param nanos by the name of the benchmark
 */
record Scores(Map<String, String> circumstances, Map<String, Double> nanos) {
  private static final double FORMAT = 1;

  /** Takes them from what JMH found. */
  static Scores of(Map<String, String> circumstances, Collection<RunResult> results) {
    Map<String, Double> nanos = new TreeMap<>();
    for (RunResult result : results) {
      nanos.put(nameOf(result), result.getPrimaryResult().getStatistics().getMin());
    }
    return new Scores(circumstances, nanos);
  }

  private static String nameOf(RunResult result) {
    String name = result.getParams().getBenchmark();
    int method = name.lastIndexOf('.');
    StringBuilder text = new StringBuilder(name.substring(name.lastIndexOf('.', method - 1) + 1));
    for (String parameter : result.getParams().getParamsKeys()) {
      text.append(' ').append(result.getParams().getParam(parameter));
    }
    return text.toString();
  }

  /** Whether a name belongs to the machine rather than to the library. */
  static boolean isCalibration(String name) {
    return name.startsWith(CalibrationBenchmark.class.getSimpleName());
  }

  /** Time that the machine takes for what has nothing to do with the library; NaN if unknown. */
  double calibration() {
    double product = 1;
    int count = 0;
    for (Map.Entry<String, Double> score : nanos.entrySet()) {
      if (isCalibration(score.getKey())) {
        product *= score.getValue();
        count++;
      }
    }
    return count == 0 ? Double.NaN : Math.pow(product, 1.0 / count);
  }

  String toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("format", FORMAT);
    all.put("circumstances", circumstances);
    all.put("nanoseconds", nanos);
    return Json.write(all);
  }

  /** The scores in a text; throws {@link IllegalArgumentException} when it holds none. */
  static Scores fromJson(String text) {
    try {
      Map<?, ?> all = (Map<?, ?>) Json.parse(text);
      if (!Double.valueOf(FORMAT).equals(all.get("format"))) {
        throw new IllegalArgumentException("not scores of this version");
      }
      Map<String, String> circumstances = new LinkedHashMap<>();
      ((Map<?, ?>) all.get("circumstances"))
          .forEach((name, value) -> circumstances.put((String) name, (String) value));
      Map<String, Double> nanos = new TreeMap<>();
      ((Map<?, ?>) all.get("nanoseconds"))
          .forEach((name, value) -> nanos.put((String) name, (Double) value));
      return new Scores(circumstances, nanos);
    } catch (ClassCastException | NullPointerException e) {
      throw new IllegalArgumentException("not scores of this program", e);
    }
  }
}
