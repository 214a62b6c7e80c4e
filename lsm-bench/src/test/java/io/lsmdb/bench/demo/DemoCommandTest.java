package io.lsmdb.bench.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.bench.CommandLines;
import io.lsmdb.bench.CommandLines.Result;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DemoCommandTest {
  private static final String EVENTS =
      """
      user,merchant,amount,timestamp
      1,tea,100,3600000
      1,milk,50,3600001
      oops
      2,tea,-10,7200000
      1,tea,-30,7200001
      """;

  @TempDir private Path temporary;

  @Test
  void theShippedSampleEndsWithEveryValueRight() {
    Result result = run("demo");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals("", result.err());
    assertTrue(result.out().contains("18,489 in"), result.out());
    assertTrue(result.out().contains("100 %  18,489 events"), result.out());
    assertTrue(result.out().contains("every value equals the recomputation"), result.out());
    assertTrue(result.out().contains("compared again after compaction: equal"), result.out());
    assertTrue(result.out().contains("the same then and now"), result.out());
    assertTrue(result.out().contains("skipped        0 malformed lines"), result.out());
    for (Shape shape : Shape.values()) {
      assertTrue(result.out().contains("get " + shape.family), result.out());
      assertTrue(result.out().contains("put " + shape.family), result.out());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sync", "buffered", "no-wal"})
  void everyDurabilityEndsWithEveryValueRight(String durability) {
    Result result = run("demo", "--generate", "200", "--durability", durability);
    assertEquals(0, result.exitCode(), result.toString());
    assertTrue(result.out().contains("every value equals the recomputation"), result.out());
  }

  @Test
  void smallMemtablesAreFlushedInMidStream() {
    Result result =
        run("demo", "--generate", "20000", "--seed", "5", "--write-buffer", "256k", "--cache", "0");
    assertEquals(0, result.exitCode(), result.toString());
    assertFalse(result.out().contains("background     0 flushes"), result.out());
  }

  @Test
  void malformedLinesAreReportedSkippedAndCounted() throws IOException {
    Path file = Files.writeString(temporary.resolve("events.csv"), EVENTS);
    Result result = run("demo", file.toString());
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals("line 4 skipped: 4 fields expected, 1 found: \"oops\"", result.err().strip());
    assertTrue(result.out().contains("skipped        1 malformed lines"), result.out());
    assertTrue(
        result.out().contains("user 1 has 2 merchants: milk £0.50, tea £0.70"), result.out());
  }

  @Test
  void repeatedInputShiftsUsersAndReportsMalformedLinesOnce() throws IOException {
    Path file = Files.writeString(temporary.resolve("events.csv"), EVENTS);
    Result result = run("demo", file.toString(), "--repeat", "3");
    assertEquals(0, result.exitCode(), result.toString());
    assertEquals(1, result.err().lines().count());
    assertTrue(result.out().contains("tier             6 entries"), result.out());
  }

  @Test
  void readsStandardInput() {
    Result result = withStandardInput(EVENTS, "demo", "-");
    assertEquals(0, result.exitCode(), result.toString());
    assertTrue(result.out().contains("snapshot       taken after 4 events"), result.out());
  }

  @Test
  void inputWithoutAnyEventFails() throws IOException {
    Result result = withStandardInput("", "demo", "-");
    assertEquals(1, result.exitCode(), result.toString());
    assertEquals("error: the input holds no event", result.err().strip());

    Path file = Files.writeString(temporary.resolve("bad.csv"), "1;2;3;4\n");
    result = run("demo", file.toString());
    assertEquals(1, result.exitCode(), result.toString());
    assertTrue(result.out().contains("skipped        1 malformed lines"), result.out());
  }

  @Test
  void aSecondHalfWithoutEventsStillHasASnapshot() throws IOException {
    Path file = Files.writeString(temporary.resolve("half.csv"), "1,a,2,3\n" + "bad\n".repeat(100));
    assertEquals(0, run("demo", file.toString()).exitCode());
  }

  @Test
  void keepsTheStoreOnlyWhenAsked() throws IOException {
    Path kept = temporary.resolve("a/kept");
    assertEquals(0, run("demo", "--generate", "10", "--directory", "" + kept, "--keep").exitCode());
    assertTrue(Files.exists(kept.resolve("CURRENT")));

    Result again = refused("demo", "--directory", kept.toString());
    assertTrue(again.err().contains("already holds a store"), again.err());

    Path gone = temporary.resolve("gone");
    assertEquals(0, run("demo", "--generate", "10", "--directory", gone.toString()).exitCode());
    assertFalse(Files.exists(gone));

    Path empty = Files.createDirectory(temporary.resolve("empty"));
    assertEquals(0, run("demo", "--generate", "10", "--directory", empty.toString()).exitCode());
    assertTrue(Files.exists(empty));
    assertFalse(Files.exists(empty.resolve("CURRENT")));
  }

  @Test
  void aDirectoryInUseIsRefused() {
    try (Db db = Db.open(temporary.resolve("used"))) {
      Result result = refused("demo", "--directory", temporary.resolve("used").toString());
      assertTrue(result.err().contains("used"), result.err());
      assertEquals(null, db.get(new byte[] {1}));
    }
  }

  @Test
  void aDirectoryThatHoldsAnythingIsRefusedAndLeftAlone() throws IOException {
    Path store = temporary.resolve("store");
    try (Db db = Db.open(store)) {
      db.put(new byte[] {1}, new byte[] {2});
    }
    Result result = refused("demo", "--directory", store.toString());
    assertTrue(result.err().contains("already holds a store"), result.err());
    try (Db db = Db.open(store)) {
      assertEquals(2, db.get(new byte[] {1})[0]);
    }

    Path foreign = Files.createDirectory(temporary.resolve("foreign"));
    Files.writeString(foreign.resolve("precious"), "data");
    refused("demo", "--directory", foreign.toString());
    assertEquals("data", Files.readString(foreign.resolve("precious")));

    Path file = Files.writeString(temporary.resolve("file"), "data");
    refused("demo", "--directory", file.toString());
  }

  @Test
  void wrongUsageTakesOneLine() throws IOException {
    assertTrue(refused("demo", "nowhere.csv").err().contains("nowhere.csv"));
    refused("demo", temporary.toString());
    refused("demo", "--colour");
    refused("demo", "--repeat", "0");
    refused("demo", "--repeat", "many");
    refused("demo", "--generate", "0");
    refused("demo", "--generate", "5", "--repeat", "2");
    refused("demo", "-", "--repeat", "2");
    refused("demo", "--durability", "maybe");
    refused("demo", "--cache", "big");
    refused("demo", "--write-buffer", "1");
    refused("no-such-command");
  }

  @Test
  void aWrongValueIsFound() {
    mismatch("has value", (db, spend) -> spend.put(Layout.merchantKey(1, "tea"), new byte[8]));
  }

  @Test
  void aMissingKeyIsFound() {
    mismatch("is missing", (db, spend) -> spend.delete(Layout.merchantKey(1, "tea")));
  }

  @Test
  void aSurplusKeyIsFound() {
    mismatch("is surplus", (db, spend) -> spend.put(Layout.merchantKey(1, "x"), new byte[8]));
  }

  /** Changes the store between its close and its reopening. */
  private void mismatch(String what, BiConsumer<Db, ColumnFamily> change) {
    int[] opened = {0};
    DemoCommand command =
        new DemoCommand(
            (directory, options) -> {
              Db db = Db.open(directory, options);
              if (++opened[0] == 2) {
                change.accept(db, db.columnFamily(Shape.SPEND.family).orElseThrow());
              }
              return db;
            });
    Path store = temporary.resolve("changed");
    InputStream standardInput = System.in;
    System.setIn(new ByteArrayInputStream(EVENTS.getBytes(UTF_8)));
    try {
      Result result = CommandLines.run(command, "-", "--directory", store.toString());
      assertEquals(1, result.exitCode(), result.toString());
      assertTrue(result.err().contains("MISMATCH: family spend: key 00000000"), result.err());
      assertTrue(result.err().contains("(user 1, merchant "), result.err());
      assertTrue(result.err().contains(what), result.err());
      assertTrue(
          Files.exists(store.resolve("CURRENT")), "the store must be left to be looked into");
    } finally {
      System.setIn(standardInput);
    }
  }

  private static Result withStandardInput(String input, String... args) {
    InputStream standardInput = System.in;
    System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
    try {
      return run(args);
    } finally {
      System.setIn(standardInput);
    }
  }

  private static Result refused(String... args) {
    Result result = run(args);
    assertEquals(2, result.exitCode(), result.toString());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().startsWith("error: "), result.err());
    return result;
  }

  private static Result run(String... args) {
    return CommandLines.run(args);
  }
}
