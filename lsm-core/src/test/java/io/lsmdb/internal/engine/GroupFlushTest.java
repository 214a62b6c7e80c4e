package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamily;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Flushes of many families: what they share, their order, and how they keep the log short. */
class GroupFlushTest {
  private static final byte[] KEY = CrashScript.bytes("key");
  private static final int MAX_LOG = 1 << 20;

  private final SmallStore store = new SmallStore();
  private final List<String> flushes = new ArrayList<>();
  private final List<ColumnFamily> families = new ArrayList<>();

  private void open(int count, DbOptions.Builder options) {
    store.options =
        options
            .listener(
                new EventListener() {
                  @Override
                  public void onFlush(String family, long entries, long bytes) {
                    flushes.add(family);
                  }
                })
            .build();
    store.open();
    for (int i = 0; i < count; i++) {
      families.add(store.db.createColumnFamily("f" + i));
    }
  }

  private static ColumnFamilyOptions family(int writeBuffer) {
    return ColumnFamilyOptions.builder()
        .writeBufferSize(writeBuffer)
        .maxWriteBufferNumber(2)
        .build();
  }

  private long syncs(int from, Operation operation, String name) {
    String line = operation + " " + name;
    return store.fs.trace().stream().skip(from).filter(done -> done.startsWith(line)).count();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aGroupSharesTheSyncsOfDirectoryAndManifest(boolean atomic) {
    store.tuning = EngineTuning.USUAL;
    open(100, DbOptions.builder().atomicFlush(atomic));
    store.executors.runPending();
    families.forEach(family -> family.put(KEY, KEY));
    int before = store.fs.operations();
    store.flush();
    assertEquals(100, flushes.size());
    assertEquals(1, syncs(before, Operation.FORCE, "MANIFEST"));
    assertEquals(1, syncs(before, Operation.FORCE_DIRECTORY, "store"));
    assertEquals(
        100,
        store.fs.trace().stream()
            .skip(before)
            .filter(done -> done.startsWith("force ") && done.endsWith(".sst"))
            .count());
    store.reopen();
    for (ColumnFamily family : store.db.columnFamilies()) {
      assertEquals(family.id() > 0, family.get(KEY) != null, family.name());
    }
    store.close();
  }

  @Test
  void memtablesThatWereSealedOneAfterTheOtherBecomeOneTableOfAnAtomicFlush() {
    open(3, DbOptions.builder().atomicFlush(true));
    List<CompletableFuture<Void>> compactions = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      for (ColumnFamily family : families) {
        family.put(CrashScript.bytes("key" + round), KEY);
      }
      // Seals all families, without running what waits.
      compactions.add(families.get(0).compactAsync(null, null));
    }
    store.executors.runPending();
    assertEquals(List.of("f0", "f1", "f2"), flushes);
    assertTrue(compactions.stream().allMatch(CompletableFuture::isDone));
    store.close();
  }

  @Test
  void aFamilyThatStopsItsWritersIsFlushedBeforeTheRestOfAGroup() {
    open(20, DbOptions.builder().defaultFamilyOptions(family(64 << 10)));
    families.forEach(family -> family.put(KEY, KEY));
    boolean[] full = new boolean[1];
    store.fs.observe(
        (index, operation, path) -> {
          if (operation == Operation.FORCE && path.toString().endsWith(".sst") && !full[0]) {
            full[0] = true;
            fill();
          }
        });
    store.flush();
    assertEquals(21, Set.copyOf(flushes).size());
    assertEquals("default", flushes.get(1), flushes.toString());
    store.close();
  }

  /** Writes to the default family until it has no room; a thread of the store does not wait. */
  private void fill() {
    for (int i = 0; i < 200; i++) {
      store.db.put(CrashScript.bytes("key" + i), new byte[1000]);
    }
  }

  static Stream<Arguments> logs() {
    List<Arguments> all = new ArrayList<>();
    for (boolean trickle : new boolean[] {false, true}) {
      for (boolean atomic : new boolean[] {false, true}) {
        for (boolean mapped : new boolean[] {false, true}) {
          all.add(Arguments.of(trickle, atomic, mapped));
        }
      }
    }
    return all.stream();
  }

  /** Each of many families needs a little of the log, from the beginning or again and again. */
  @ParameterizedTest(name = "trickle {0}, atomic {1}, mapped {2}")
  @MethodSource("logs")
  void theLogStaysWithinItsLimitWhateverNeedsIt(boolean trickle, boolean atomic, boolean mapped) {
    store.fs = new FaultyFileSystem(new MemFileSystem());
    open(
        60,
        DbOptions.builder()
            .atomicFlush(atomic)
            .mappedLog(mapped)
            .maxLogSize(MAX_LOG)
            .defaultFamilyOptions(family(2 << 20)));
    families.forEach(family -> family.put(KEY, KEY));
    long largest = 0;
    for (int i = 0; i < 3_500; i++) {
      store.put("key" + i % 100, "v".repeat(1000));
      if (trickle) {
        families.get(i % families.size()).put(CrashScript.bytes("key" + i), KEY);
      }
      if (i % 20 == 0) {
        store.executors.runPending();
      }
      largest = Math.max(largest, store.db.stats().logSize());
    }
    assertTrue(largest > MAX_LOG / 2, largest + " bytes: the limit was not tried");
    long most = MAX_LOG + 4L * CrashScript.TUNING.maxLogSegment();
    assertTrue(largest <= most, largest + " bytes");
    store.close();
  }
}
