package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.CommandLines;
import io.lsmdb.bench.Json;
import io.lsmdb.bench.compare.BackgroundEvents.Kind;
import io.lsmdb.bench.compare.EnduranceResults.Run;
import io.lsmdb.bench.compare.Records.WrongResultException;
import java.io.StringReader;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

final class EnduranceCommandTest {
  private static final Pattern SVG = Pattern.compile("(?s)<svg.*?</svg>");

  @TempDir private Path directory;

  @Test
  void aRunReportsEverySecondOfEveryEngineThatWasAskedFor() throws Exception {
    Path json = directory.resolve("results.json");
    Path html = directory.resolve("results.html");
    CommandLines.Result result =
        CommandLines.run(
            "endurance",
            "--engines=lsmdb,rocksdb",
            "--rate=2000",
            "--duration=2",
            "--records=20000",
            "--write-buffer=1m",
            "--cache=1m",
            "--heap=256m",
            "--directory=" + directory.resolve("stores"),
            "--json=" + json,
            "--html=" + html);
    assertEquals(0, result.exitCode(), result.out() + result.err());
    assertTrue(result.out().contains("latency, 99.9 % of the run"), result.out());
    assertTrue(result.out().contains("worst second: 99.9 % (when)"), result.out());
    Map<?, ?> all = (Map<?, ?>) Json.parse(Files.readString(json));
    List<?> engines = (List<?>) all.get("engines");
    assertEquals(2, engines.size(), "each is reported, whether it could be loaded or not");
    Map<?, ?> seconds = (Map<?, ?>) ((Map<?, ?>) engines.get(0)).get("seconds");
    assertEquals(2, ((List<?>) seconds.get("throughput")).size());
    assertEquals(2, ((List<?>) seconds.get("p999")).size());
    assertTrue(Files.readString(html).contains("<svg"));
    try (var left = Files.list(directory.resolve("stores"))) {
      assertEquals(0, left.count(), "stores are removed");
    }
  }

  @Test
  void everyReadOfAnEventIsChecked() throws Exception {
    EnduranceOptions options = new EnduranceOptions();
    options.records = 320;
    options.writeBuffer = 1 << 20;
    try (BenchEngine engine =
        EngineName.LSMDB.opener().open(directory, options.engineSettings(Merging.NONE))) {
      StateEvents events = new StateEvents(engine, options, 7);
      for (long number = 0; number < options.records; ) {
        number = events.fill(number, 100);
      }
      assertEquals(options.records, events.entries());
      for (int i = 0; i < 20_000; i++) {
        events.handle();
      }
      assertTrue(events.entries() < options.records, "some are deleted");
      assertTrue(events.puts() > 19_000, events.puts() + " puts");
      Records records = new Records(Records.KeyOrder.BY_USER, options.valueBytes());
      for (int i = 0; i < options.records; i++) {
        engine.put(records.key(i), records.valueOf(i, 1 << 20));
      }
      assertThrows(
          WrongResultException.class,
          () -> {
            for (int i = 0; i < 100; i++) {
              events.handle();
            }
          });
    }
  }

  @Test
  void thePageStandsAloneAndShowsWhatHappened() throws Exception {
    EnduranceResults results = new EnduranceResults();
    results.machine().put("processor", "one <fast> & good");
    Run run = results.run(EngineName.LSMDB);
    run.whole.put(Figure.P999, 2e6);
    for (int second = 0; second < 2000; second++) {
      run.seconds.add(
          Map.of(Figure.P999, second == 77 ? 3e8 : 1e6, Figure.THROUGHPUT, 20_000.0 - second));
    }
    run.marks.add(new Mark(Kind.STALL, "waits for memtables", 77_000, 77_300, 12));
    run.marks.add(new Mark(Kind.FLUSH, "", 76_000, 76_000, 1));
    run.marks.add(new Mark(Kind.CHECKPOINT, "number 1", 78_000, 79_000, 1));
    results.run(EngineName.LMDB).obstacle = "unavailable: not on the class path";
    assertEquals(77, run.worstSecond().orElseThrow());
    assertEquals(1, run.slowSeconds());
    String page = EndurancePage.of(results);
    for (String part :
        List.of(
            "one &lt;fast&gt; &amp; good",
            "not on the class path",
            "300 ms (at 77 s)",
            "12 × stall, waits for memtables, at 77.0 s for 300 ms",
            "lsmdb checkpoint",
            "less is better",
            "more is better")) {
      assertTrue(page.contains(part), part);
    }
    assertFalse(page.contains("http"), "nothing is fetched");
    assertFalse(page.contains("<script"));
    List<String> drawings = new ArrayList<>();
    for (Matcher svg = SVG.matcher(page); svg.find(); ) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(svg.group())));
      drawings.add(svg.group());
    }
    assertTrue(drawings.size() >= 3, drawings.size() + " drawings");
    assertTrue(drawings.get(0).length() < 20_000, "many seconds share a point");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--engines=oracle",
        "--rate=0",
        "--duration=0",
        "--records=5",
        "--cache=1g",
        "--heap=1m",
        "--html=nowhere/at/all.html"
      })
  void wrongUsageTakesOneLine(String argument) {
    CommandLines.Result result = CommandLines.run("endurance", argument);
    assertEquals(2, result.exitCode(), result.out());
    assertEquals(1, result.err().lines().count(), result.err());
  }
}
