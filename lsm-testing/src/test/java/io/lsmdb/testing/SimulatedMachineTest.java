package io.lsmdb.testing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.BackgroundErrorException;
import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbLockedException;
import io.lsmdb.DbOptions;
import io.lsmdb.StorageException;
import io.lsmdb.WriteOptions;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SimulatedMachineTest {
  private static final DbOptions OPTIONS = DbOptions.builder().build();
  private static final byte[] KEY = "key".getBytes(UTF_8);
  private static final byte[] OTHER = "other".getBytes(UTF_8);

  private final SimulatedMachine machine = SimulatedMachine.create(1);

  private static byte[] read(SimulatedMachine from, byte[] key) {
    try (Db db = from.open(OPTIONS)) {
      return db.get(key);
    }
  }

  @Test
  void aLossOfPowerTakesWhatWasNotSynced() {
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY, WriteOptions.SYNC);
      db.put(OTHER, OTHER, WriteOptions.BUFFERED);
      SimulatedMachine after = machine.crash(CrashMode.DROP_ALL, 1);
      assertArrayEquals(KEY, read(after, KEY));
      assertNull(read(after, OTHER));
      assertArrayEquals(OTHER, read(machine.crash(CrashMode.KEEP_ALL, 1), OTHER));
      assertArrayEquals(OTHER, db.get(OTHER), "the machine itself goes on");
    }
  }

  @Test
  void aMachineCanCrashAgainWhileItRecovers() {
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY, WriteOptions.SYNC);
    }
    List<SimulatedMachine> images = Collections.synchronizedList(new ArrayList<>());
    SimulatedMachine first = machine.crash(CrashMode.RANDOM_SUBSET, 1);
    first.observe((index, operation, path) -> images.add(first.crash(CrashMode.DROP_ALL, index)));
    assertArrayEquals(KEY, read(first, KEY));
    assertFalse(images.isEmpty());
    for (SimulatedMachine image : images) {
      assertArrayEquals(KEY, read(image, KEY));
    }
  }

  @Test
  void codeThatDoesNotSyncWhatItPromisesIsFound() {
    List<SimulatedMachine> images = Collections.synchronizedList(new ArrayList<>());
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY, WriteOptions.BUFFERED);
      machine.observe(
          (index, operation, path) -> images.add(machine.crash(CrashMode.DROP_ALL, index)));
      db.put(OTHER, OTHER, WriteOptions.SYNC);
    }
    assertNull(read(images.get(0), KEY));
  }

  @Test
  void codeThatPartsWhatBelongsTogetherIsFound() {
    List<SimulatedMachine> images = Collections.synchronizedList(new ArrayList<>());
    try (Db db = machine.open(OPTIONS)) {
      machine.observe(
          (index, operation, path) -> {
            if (Operation.SYNCS.contains(operation)) {
              images.add(machine.crash(CrashMode.DROP_ALL, index));
            }
          });
      db.put(KEY, KEY, WriteOptions.SYNC);
      db.put(OTHER, OTHER, WriteOptions.SYNC);
    }
    assertTrue(
        images.stream().anyMatch(image -> read(image, KEY) != null && read(image, OTHER) == null));
  }

  @Test
  void theSameSeedLeadsToTheSameOperations() {
    assertEquals(trace(7), trace(7));
  }

  private static List<String> trace(long seed) {
    SimulatedMachine stepped = SimulatedMachine.stepped(seed);
    List<String> trace = new ArrayList<>();
    stepped.observe((index, operation, path) -> trace.add(index + " " + operation + " " + path));
    Db db = stepped.open(OPTIONS);
    for (int i = 0; i < 20; i++) {
      db.put(("key" + i).getBytes(UTF_8), KEY, WriteOptions.SYNC);
      stepped.runBackground();
    }
    assertEquals(trace.size(), stepped.operations());
    List<String> untilNow = List.copyOf(trace);
    stepped.during(db::close);
    return untilNow;
  }

  @Test
  void aFailedSyncStopsWritesUntilTheStoreIsReopened() {
    Db db = machine.open(OPTIONS);
    db.put(KEY, KEY, WriteOptions.SYNC);
    machine.failAt(1, Fault.IO_ERROR_ONCE, Operation.SYNCS, name -> name.endsWith(".log"));
    assertThrows(BackgroundErrorException.class, () -> db.put(OTHER, OTHER, WriteOptions.SYNC));
    assertThrows(BackgroundErrorException.class, () -> db.put(OTHER, OTHER));
    assertArrayEquals(KEY, db.get(KEY));
    assertEquals(1, machine.injectedFaults());
    closeAfterFailure(db);
    assertArrayEquals(KEY, read(machine.crash(CrashMode.DROP_ALL, 1), KEY));
  }

  private static void closeAfterFailure(Db db) {
    try {
      db.close();
    } catch (BackgroundErrorException e) {
      assertNotNull(e.getMessage());
    }
  }

  @Test
  void aFullDiskRefusesFlushesUntilThereIsRoom() {
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY);
      machine.setDiskCapacity(machine.usedDiskBytes());
      StorageException full = assertThrows(StorageException.class, db::flush);
      assertEquals(StorageException.Reason.DISK_FULL, full.reason());
      machine.setDiskCapacity(1L << 30);
      db.flush();
      assertArrayEquals(KEY, db.get(KEY));
    }
  }

  @Test
  void faultsEndWhenTheyAreCleared() {
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY);
      machine.failAt(1, Fault.DISK_FULL_FOREVER, Set.of(Operation.CREATE), name -> true);
      assertThrows(StorageException.class, db::flush);
      machine.clearFaults();
      db.flush();
    }
    assertThrows(IllegalArgumentException.class, () -> machine.failAt(0, Fault.IO_ERROR_ONCE));
  }

  @Test
  void valuesExpireByTheClockOfTheMachine() {
    WriteOptions brief = WriteOptions.builder().timeToLive(Duration.ofHours(1)).build();
    try (Db db = machine.open(OPTIONS)) {
      db.put(KEY, KEY, brief);
      machine.clock().advance(Duration.ofMinutes(59));
      assertNotNull(db.get(KEY));
      SimulatedMachine after = machine.crash(CrashMode.KEEP_ALL, 1);
      assertEquals(machine.clock().currentTimeMillis(), after.clock().currentTimeMillis());
      machine.clock().advance(Duration.ofMinutes(1));
      assertNull(db.get(KEY));
      assertNotNull(read(after, KEY), "clocks are independent");
    }
  }

  @Test
  void alarmsHaveExpiredTablesDropped() {
    SimulatedMachine stepped = SimulatedMachine.stepped(3);
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(
                ColumnFamilyOptions.builder().timeToLive(Duration.ofHours(1)).build())
            .build();
    Db db = stepped.open(options);
    byte[] value = new byte[100_000];
    new Random(1).nextBytes(value);
    db.put(KEY, value);
    stepped.during(db::flush);
    long used = stepped.usedDiskBytes();
    stepped.clock().advance(Duration.ofHours(2));
    stepped.ringAlarms();
    stepped.runBackground();
    long freed = used - stepped.usedDiskBytes();
    assertTrue(freed > value.length, "the table is deleted, " + freed + " bytes");
    stepped.during(db::close);
  }

  @Test
  void storesInSeveralDirectoriesAreIndependent() {
    Path elsewhere = Path.of("/elsewhere");
    try (Db db = machine.open(OPTIONS);
        Db other = machine.open(elsewhere, OPTIONS)) {
      db.put(KEY, KEY);
      assertNull(other.get(KEY));
      assertThrows(DbLockedException.class, () -> machine.open(OPTIONS));
    }
  }

  @Test
  void noSignatureNamesAnInternalType() {
    for (Class<?> type :
        List.of(
            SimulatedMachine.class,
            TestClock.class,
            CrashMode.class,
            Fault.class,
            Operation.class,
            Seed.class,
            FaultyFileSystem.Observer.class)) {
      for (Method method : type.getMethods()) {
        List<Type> named = new ArrayList<>(List.of(method.getGenericParameterTypes()));
        named.add(method.getGenericReturnType());
        for (Type each : named) {
          assertFalse(each.getTypeName().contains("io.lsmdb.internal"), method.toGenericString());
        }
      }
    }
  }
}
