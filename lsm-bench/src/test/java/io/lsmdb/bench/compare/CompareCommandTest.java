package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.CommandLines;
import io.lsmdb.bench.compare.Results.EngineResults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CompareCommandTest {
  @TempDir private Path directory;

  @Test
  void everyWorkloadRunsOnThisLibraryAndAllItsReadsAreRight() throws Exception {
    List<Message> messages = new ArrayList<>();
    PlanOptions plan = new PlanOptions();
    plan.records = 400;
    plan.seconds = 1;
    plan.writeBuffer = 1 << 20;
    plan.workloads = new ArrayList<>(EnumSet.complementOf(EnumSet.of(WorkloadName.REOPEN)));
    new Worker(EngineName.LSMDB, plan, directory, messages::add).runAll();
    Set<WorkloadName> measured = EnumSet.noneOf(WorkloadName.class);
    for (Message message : messages) {
      if (message.kind() == Message.Kind.CELL) {
        measured.add(message.workload());
        assertTrue(message.figures().get(Figure.OPERATIONS) > 0, message.toString());
        assertTrue(message.figures().get(Figure.CALLER_CPU) > 0, message.toString());
        assertEquals(message, Message.parse(message.line()));
      }
    }
    assertEquals(Set.copyOf(plan.workloads), measured);
  }

  @Test
  void aRunReportsEveryEngineThatWasAskedFor() throws Exception {
    Path json = directory.resolve("results.json");
    Path html = directory.resolve("results.html");
    CommandLines.Result result =
        CommandLines.run(
            "compare",
            "--engines=lsmdb,rocksdb",
            "--workloads=fillrandom,readrandom,reopen",
            "--records=300",
            "--rounds=1",
            "--threads=2",
            "--write-buffer=1m",
            "--heap=256m",
            "--cache=16m",
            "--directory=" + directory.resolve("stores"),
            "--json=" + json,
            "--html=" + html);
    assertEquals(0, result.exitCode(), result.out() + result.err());
    Results results = Results.fromJson(Files.readString(json));
    for (WorkloadName workload : results.workloads()) {
      assertTrue(results.get(EngineName.LSMDB, workload, Figure.THROUGHPUT).isPresent());
    }
    assertEquals(
        EnumSet.of(WorkloadName.FILLRANDOM, WorkloadName.READRANDOM, WorkloadName.REOPEN),
        results.workloads());
    EngineResults rocksDb = results.engines().get(EngineName.ROCKSDB);
    assertNotNull(rocksDb, "it is reported, whether it could be loaded or not");
    Optional<?> figures =
        results.get(EngineName.ROCKSDB, WorkloadName.READRANDOM, Figure.THROUGHPUT);
    assertEquals(rocksDb.obstacle == null, figures.isPresent(), rocksDb.obstacle);
    assertTrue(Files.readString(html).contains("<svg"));
    try (var left = Files.list(directory.resolve("stores"))) {
      assertEquals(0, left.count(), "stores are removed");
    }
  }

  @Test
  void aRateThatIsNotKeptIsReported() {
    CommandLines.Result result =
        CommandLines.run(
            "compare",
            "--engines=lsmdb",
            "--workloads=readrandom",
            "--records=200",
            "--rounds=1",
            "--threads=2",
            "--rate=9000000",
            "--heap=256m",
            "--cache=16m",
            "--directory=" + directory);
    assertEquals(0, result.exitCode(), result.out() + result.err());
    assertTrue(result.out().contains("9,000,000 operations a second in all"), result.out());
    assertTrue(result.out().contains("of 9,000,000 operations a second: not kept"), result.out());
    assertTrue(!result.out().contains("CPU of the calling"), "waiting takes CPU");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--engines=oracle",
        "--engines=lsmdb,lsmdb",
        "--workloads=fillup",
        "--records=5",
        "--value-size=15",
        "--threads=0",
        "--rounds=0",
        "--rate=-1",
        "--seconds=0",
        "--heap=1m",
        "--cache=lots",
        "--cache=2g",
        "--durability=maybe",
        "--peer-jars=nowhere",
        "--json=nowhere/at/all.json",
        "--colour"
      })
  void wrongUsageTakesOneLine(String argument) {
    CommandLines.Result result = CommandLines.run("compare", argument);
    assertEquals(2, result.exitCode(), result.out());
    assertEquals(1, result.err().lines().count(), result.err());
    String option = argument.replaceFirst("=.*", "").replace("--", "");
    assertTrue(result.err().contains(option) || argument.contains("nowhere"), result.err());
  }

  @Test
  void aWrongResultIsFound() {
    Records.WrongResultException found = null;
    PlanOptions plan = new PlanOptions();
    plan.records = 200;
    plan.workloads = List.of(WorkloadName.FILLRANDOM, WorkloadName.READRANDOM);
    try (LoadedStore store =
        new LoadedStore(
            LsmdbEngine::new, directory.resolve("store"), Records.KeyOrder.SCATTERED, plan)) {
      Workloads workloads = new Workloads(plan, store);
      new Measurement(Long.MAX_VALUE).run(workloads.steps(WorkloadName.FILLRANDOM));
      Records records = store.newRecords();
      store.engine().put(records.key(7), records.valueOf(8, 0));
      store.verify();
    } catch (Records.WrongResultException e) {
      found = e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertNotNull(found);
    assertTrue(found.getMessage().startsWith("key 7 has a wrong value"), found.getMessage());
  }
}
