package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.CommandLines;
import io.lsmdb.bench.compare.Results.Outcome;
import io.lsmdb.bench.compare.Results.Spread;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

final class ResultsTest {
  private static final Pattern SVG = Pattern.compile("(?s)<svg.*?</svg>");

  @TempDir private Path directory;

  /** Three rounds of two workloads: lsmdb wins one, and loses the other. */
  private static Results sample(double readRandom) {
    Results results = new Results();
    results.machine().put("processor", "one <fast> & good");
    results.settings().put(Results.DURABILITY, "buffered");
    add(results, EngineName.LSMDB, WorkloadName.READRANDOM, readRandom, 1100, 1200);
    add(results, EngineName.ROCKSDB, WorkloadName.READRANDOM, 4000, 4400, 4800);
    add(results, EngineName.LSMDB, WorkloadName.FILLRANDOM, 900, 950, 1000);
    add(results, EngineName.ROCKSDB, WorkloadName.FILLRANDOM, 800, 810, 820);
    add(results, EngineName.ROCKSDB_FLINK, WorkloadName.READRANDOM, 5000, 5000, 5000);
    add(results, EngineName.ROCKSDB_FLINK, WorkloadName.FILLRANDOM, 10, 10, 10);
    results.engine(EngineName.LMDB).obstacle = "unavailable: not on the class path";
    results.engine(EngineName.LSMDB).facts.put("LZ4 codec", "native");
    results.engine(EngineName.LEVELDB).notes.put(WorkloadName.READREVERSE, "forward only");
    return results;
  }

  private static void add(
      Results results, EngineName engine, WorkloadName workload, double... rounds) {
    for (double round : rounds) {
      results.engine(engine).add(workload, Map.of(Figure.CALLER_CPU, round));
    }
  }

  @Test
  void takesMedianAndExtremes() {
    assertEquals(new Spread(2, 1, 3, 3), Spread.of(List.of(3.0, 1.0, 2.0)));
    assertEquals(new Spread(1.5, 1, 2, 2), Spread.of(List.of(2.0, 1.0)));
  }

  @Test
  void comparesWithTheBestVariantThatPromisesAsMuch() {
    Results results = sample(1000);
    assertEquals(4400, best(results, WorkloadName.READRANDOM));
    assertEquals(810, best(results, WorkloadName.FILLRANDOM), "Flink's variant writes no log");
    results.settings().put(Results.DURABILITY, "no-wal");
    assertEquals(10, best(results, WorkloadName.FILLRANDOM));
  }

  private static double best(Results results, WorkloadName workload) {
    return results.bestRocksDb(workload, Figure.CALLER_CPU).orElseThrow().median();
  }

  @Test
  void tellsWinsTiesAndLosses() {
    assertEquals(Outcome.WIN, outcome(sample(1000), WorkloadName.READRANDOM));
    assertEquals(Outcome.TIE, outcome(sample(4100), WorkloadName.READRANDOM));
    assertEquals(Outcome.LOSS, outcome(sample(1000), WorkloadName.FILLRANDOM));
    assertArrayEquals(new int[] {1, 0, 1}, TextReport.counts(sample(1000), EngineName.LSMDB));
  }

  @Test
  void oneRoundDecidesNothing() {
    assertFalse(Spread.of(List.of(1.0)).isApartFrom(Spread.of(List.of(2.0, 3.0))));
    assertTrue(Spread.of(List.of(1.0, 1.5)).isApartFrom(Spread.of(List.of(2.0, 3.0))));
  }

  private static Outcome outcome(Results results, WorkloadName workload) {
    return results.outcome(EngineName.LSMDB, workload, Figure.CALLER_CPU).orElseThrow();
  }

  @Test
  void ratiosAboveOneAreBetterWhateverIsMeasured() {
    assertEquals(2, Figure.THROUGHPUT.ratio(200, 100));
    assertEquals(2, Figure.CALLER_CPU.ratio(100, 200));
    assertTrue(Double.isNaN(Figure.CALLER_CPU.ratio(0, 200)));
  }

  @Test
  void jsonKeepsEverything() {
    String json = sample(1000).toJson();
    assertTrue(json.contains("\"caller-cpu\": [1000.0, 1100.0, 1200.0]"), json);
    assertEquals(json, Results.fromJson(json).toJson());
  }

  @Test
  void otherJsonIsRefused() {
    for (String text : List.of("[]", "{}", "{\"format\": 2.0}", "{\"format\": 1.0}", "null")) {
      assertThrows(IllegalArgumentException.class, () -> Results.fromJson(text), text);
    }
  }

  @Test
  void theTableShowsMedianRatioAndMark() {
    StringWriter text = new StringWriter();
    new TextReport(new PrintWriter(text)).print(sample(1000), false);
    List<String> lines = text.toString().lines().map(l -> l.replaceAll(" +", " ").strip()).toList();
    assertTrue(lines.contains("readrandom 1,100 4.00 + 4,400 1.00 5,000 0.88 -"), lines::toString);
    assertTrue(lines.contains("fillrandom 950 0.85 - 810 1.00 10.0 81.00 +"), lines::toString);
    assertTrue(lines.contains("NO RESULT unavailable: not on the class path"), lines::toString);
    assertTrue(
        lines.contains("lsmdb beside the best RocksDB: 1 better, 0 alike, 1 worse"),
        lines::toString);
  }

  @Test
  void thePageStandsAloneAndItsChartsAreWellFormed() throws Exception {
    String page = HtmlReport.of(sample(1000));
    assertTrue(page.contains("one &lt;fast&gt; &amp; good"));
    assertTrue(page.contains("not on the class path"));
    assertTrue(page.contains("class=\"loss\">950 <b>×0.85-</b>"), page);
    assertTrue(page.contains("per operation: less is better"), page);
    assertFalse(page.contains("http"), "nothing is fetched");
    assertFalse(page.contains("<script"));
    Matcher charts = SVG.matcher(page);
    int count = 0;
    int bars = 0;
    while (charts.find()) {
      NodeList rectangles =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(charts.group())))
              .getElementsByTagName("rect");
      bars += rectangles.getLength();
      count++;
    }
    assertEquals(2, count, "one for each workload, of the only figure that was taken");
    assertEquals(2 * 3, bars, "one for each workload and engine");
  }

  @Test
  void twoRunsAreComparedByTheirFiles() throws IOException {
    Path old = Files.writeString(directory.resolve("old.json"), sample(1000).toJson());
    Results later = sample(1000);
    later.settings().put("records", "7");
    later.engine(EngineName.ROCKSDB).add(WorkloadName.READRANDOM, Map.of(Figure.CALLER_CPU, 9e3));
    Path current = Files.writeString(directory.resolve("new.json"), later.toJson());
    CommandLines.Result result =
        CommandLines.run("compare-results", old.toString(), current.toString());
    assertEquals(0, result.exitCode(), result.err());
    assertTrue(result.out().contains("records              -  ->  7"), result.out());
    assertTrue(
        result.out().replaceAll(" +", " ").contains("readrandom 1,100 1,100 1.00 4,400 4,600 0.96"),
        result.out());
  }

  @Test
  void aChartIsAFileOfItsOwnWithTheBestFirst() throws Exception {
    Path json = Files.writeString(directory.resolve("results.json"), sample(1000).toJson());
    Path svg = directory.resolve("chart.svg");
    CommandLines.Result result =
        CommandLines.run("chart", json.toString(), "--out=" + svg, "--figure=caller-cpu");
    assertEquals(0, result.exitCode(), result.err());
    NodeList texts =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(svg.toFile())
            .getElementsByTagName("text");
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < texts.getLength(); i++) {
      shown.add(texts.item(i).getTextContent());
    }
    assertTrue(shown.indexOf("readrandom") < shown.indexOf("fillrandom"), shown.toString());
    assertTrue(shown.contains("×4.0") && shown.contains("×0.9"), shown.toString());
    assertTrue(shown.contains("1.10 µs against 4.40 µs"), shown.toString());
    assertTrue(Files.readString(svg).contains("prefers-color-scheme: dark"));
  }

  @Test
  void aChartWithoutFiguresIsRefused() throws IOException {
    Path json = Files.writeString(directory.resolve("results.json"), sample(1000).toJson());
    CommandLines.Result result =
        CommandLines.run(
            "chart", json.toString(), "--out=" + directory.resolve("x.svg"), "--figure=max");
    assertEquals(2, result.exitCode(), result.out());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  @Test
  void filesThatHoldNoResultsAreRefused() throws IOException {
    Path none = Files.writeString(directory.resolve("none.json"), "{}");
    for (String file : List.of(none.toString(), directory.resolve("missing").toString())) {
      CommandLines.Result result = CommandLines.run("compare-results", file, file);
      assertEquals(2, result.exitCode(), result.err());
      assertEquals(1, result.err().lines().count(), result.err());
    }
  }
}
