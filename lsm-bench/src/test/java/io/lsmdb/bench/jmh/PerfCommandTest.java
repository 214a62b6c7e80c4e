package io.lsmdb.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.CommandLines;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PerfCommandTest {
  @TempDir private Path directory;

  private static Scores scores(double chase, double compute, double get) {
    return new Scores(
        Map.of("JVM", "17"),
        Map.of(
            "CalibrationBenchmark.chase",
            chase,
            "CalibrationBenchmark.compute",
            compute,
            "GetBenchmark.missing",
            get));
  }

  @Test
  void ratiosAreToWhatTheMachineTakesForATaskOfItsOwn() {
    assertEquals(20, scores(10, 40, 7).calibration(), 1e-9);
    StringWriter text = new StringWriter();
    PerfCommand.print(new PrintWriter(text), scores(10, 40, 100), scores(20, 80, 150));
    List<String> lines = text.toString().lines().map(l -> l.replaceAll(" +", " ").strip()).toList();
    assertTrue(lines.contains("GetBenchmark.missing 100.0 150.0 1.50 0.75 +"), lines::toString);
    assertTrue(lines.contains("geometric mean 0.75"), lines::toString);
  }

  @Test
  void jsonKeepsEverything() {
    Scores scores = scores(1, 2, 3);
    assertEquals(scores, Scores.fromJson(scores.toJson()));
    for (String text : List.of("[]", "{}", "null", "{\"format\": 1.0}")) {
      assertThrows(IllegalArgumentException.class, () -> Scores.fromJson(text), text);
    }
  }

  @Test
  void theStoredBaselineCanBeRead() throws Exception {
    Scores stored = Scores.fromJson(Files.readString(Path.of("src/main/perf/baseline.json")));
    assertTrue(stored.calibration() > 0);
    assertTrue(stored.nanos().containsKey("MemTableBenchmark.insert"));
    assertTrue(stored.circumstances().containsKey("date"));
  }

  @Test
  void aMissingOrMalformedBaselineTakesOneLine() throws Exception {
    Path malformed = Files.writeString(directory.resolve("b.json"), "{}");
    for (Path file : List.of(malformed, directory.resolve("missing"))) {
      CommandLines.Result result = CommandLines.run("perf", "--baseline=" + file);
      assertEquals(2, result.exitCode(), result.out());
      assertEquals(1, result.err().lines().count(), result.err());
    }
  }
}
