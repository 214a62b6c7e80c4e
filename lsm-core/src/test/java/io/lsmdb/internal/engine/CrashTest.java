package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CompactionStyle;
import io.lsmdb.Db;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.CrashHistory.Found;
import io.lsmdb.internal.engine.CrashHistory.Limits;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.FaultyFileSystem;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.Seed;
import io.lsmdb.testing.SteppedExecutors;
import io.lsmdb.testing.TestEnvironments;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Crashes before every operation that changes the disk, in every mode, while a store does
 * everything it can do; each image is opened and compared with the history, and a part of them
 * crashes again while it is opened.
 */
class CrashTest {
  private static final boolean ATOMIC = true;

  /** One run of a script with all its crashes. */
  private static final class Run {
    final long seed;
    final boolean atomicFlush;
    final boolean mapped;
    final Random random;
    final CrashScript script;
    MemFileSystem disk;
    boolean unsettled;
    boolean expiriesUnknown; // after a crash, to the history
    int points;
    int images;

    Run(long seed, boolean atomicFlush, boolean mapped) {
      this.seed = seed;
      this.atomicFlush = atomicFlush;
      this.mapped = mapped;
      random = new Random(~seed);
      disk = new MemFileSystem();
      disk.setReservesByZeroFill(mapped);
      script = new CrashScript(observed(), seed, atomicFlush);
    }

    private FaultyFileSystem observed() {
      FaultyFileSystem observed = new FaultyFileSystem(disk);
      MemFileSystem current = disk;
      observed.observe(
          (index, operation, path) -> {
            if (current == disk && !unsettled) {
              crashHere(index, operation, path);
            }
          });
      return observed;
    }

    private void crashHere(int index, Operation operation, Path path) {
      points++;
      for (CrashMode mode : CrashMode.values()) {
        Limits limits = script.history.limits();
        MemFileSystem image = image(disk, mode, seed * 1_000_003 + index);
        boolean processDeath = mode == CrashMode.KEEP_ALL;
        try {
          checkImage(image, limits, processDeath);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(
              "crash " + mode + " before operation " + index + ", " + operation + " " + path, e);
        }
      }
    }

    private MemFileSystem image(MemFileSystem of, CrashMode mode, long imageSeed) {
      MemFileSystem image = of.crashImage(mode, imageSeed);
      image.setReservesByZeroFill(mapped);
      return image;
    }

    private void checkImage(MemFileSystem image, Limits limits, boolean processDeath) {
      images++;
      int choice = random.nextInt(12);
      int later = expiriesUnknown || random.nextBoolean() ? 0 : random.nextInt(60);
      long now = script.history.clock.get() + later;
      MemFileSystem[] second = new MemFileSystem[1];
      FaultyFileSystem watched = new FaultyFileSystem(image);
      if (choice < 4) {
        int when = 1 + random.nextInt(24);
        CrashMode mode = CrashMode.values()[random.nextInt(CrashMode.values().length)];
        watched.observe(
            (index, operation, path) -> {
              if (index == when) {
                second[0] = image(image, mode, seed + index);
              }
            });
      }
      SteppedExecutors executors = new SteppedExecutors(random.nextLong());
      Db db = open(watched, executors, now);
      Found found = CrashHistory.read(db);
      script.history.check(found, limits, processDeath, now);
      if (second[0] != null) {
        script.history.check(read(second[0], now), limits, false, now);
      }
      if (choice == 5) {
        // What recovery has returned is durable.
        assertEquals(found, read(image(image, CrashMode.DROP_ALL, 0), now));
      } else if (choice == 6) {
        goOn(image, db, executors, found, now);
      }
    }

    /** Background work, a synced write and a close change nothing but what they are to change. */
    private void goOn(
        MemFileSystem image, Db db, SteppedExecutors executors, Found found, long now) {
      executors.runPending();
      byte[] value = CrashScript.bytes("after");
      db.put(CrashScript.bytes("k0"), value, WriteOptions.SYNC);
      found.content().get("default").put("k0", "after");
      assertEquals(found, read(image(image, CrashMode.RANDOM_SUBSET, random.nextLong()), now));
      executors.during(db::close);
      assertEquals(found, read(image(image, CrashMode.DROP_ALL, 0), now));
    }

    private Found read(MemFileSystem image, long now) {
      images++;
      return CrashHistory.read(open(new FaultyFileSystem(image), new SteppedExecutors(0), now));
    }

    private Db open(FaultyFileSystem fileSystem, SteppedExecutors executors, long now) {
      return DbImpl.open(
          CrashScript.DIRECTORY,
          CrashScript.options(
              atomicFlush, CompactionStyle.leveled(), CompactionStyle.leveled(), () -> now),
          TestEnvironments.of(fileSystem, random.nextLong(), executors),
          CrashScript.TUNING);
    }

    void run(int wantedPoints) {
      script.open();
      script.create(CrashHistory.LOOSE);
      while (points < wantedPoints) {
        script.step();
        if (random.nextInt(60) == 0) {
          crashAndGoOn();
        }
      }
      script.close();
    }

    /** The script itself meets a crash, and goes on with what is left. */
    private void crashAndGoOn() {
      CrashMode mode = CrashMode.values()[random.nextInt(CrashMode.values().length)];
      Limits limits = script.history.limits();
      disk = image(disk, mode, random.nextLong());
      Found found = read(image(disk, CrashMode.KEEP_ALL, 0), script.history.clock.get());
      script.history.check(found, limits, mode == CrashMode.KEEP_ALL);
      script.history.restart(found);
      expiriesUnknown = true;
      script.crashed(observed());
      // After the death of a process alone, a loss of power can take more until the store is open.
      unsettled = mode == CrashMode.KEEP_ALL || mode == CrashMode.TORN_LAST;
      script.open();
      unsettled = true;
      script.keepAll();
      unsettled = false;
      expiriesUnknown = false;
    }
  }

  private static void run(int rounds, int points, boolean atomicFlush, boolean mapped) {
    Seed.check(
        rounds,
        seed -> {
          Run run = new Run(seed, atomicFlush, mapped);
          run.run(points);
          assertTrue(run.images > run.points * 4);
        });
  }

  @Test
  void everyCrashLeavesAPrefixNoShorterThanTheLastSync() {
    run(2, 250, !ATOMIC, true);
  }

  @Test
  void everyCrashWithAtomicFlushesLeavesAPrefixOfUnloggedWritesToo() {
    run(2, 250, ATOMIC, true);
  }

  @Test
  void everyCrashOfALogOfOrdinaryWritesLeavesAPrefix() {
    run(1, 250, !ATOMIC, false);
  }

  @Tag("soak")
  @Test
  void longRunsOfCrashes() {
    for (int i = 0; i < 100; i++) {
      run(1, 1_000, i % 2 == 0, i % 3 != 0);
    }
  }
}
