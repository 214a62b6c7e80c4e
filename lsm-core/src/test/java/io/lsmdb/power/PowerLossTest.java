package io.lsmdb.power;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lsmdb.Db;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.Seed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Power losses below a real file system: a store writes to ext4 on a block device that is recorded,
 * then opens in images of what the device may have held at any moment.
 *
 * <p>Needs Linux, root, FUSE, loop devices and a C compiler; without them it is skipped, and says
 * why. CONTRIBUTING.md tells how to run it.
 */
@Tag("soak")
class PowerLossTest {
  private static final Logger LOG = LoggerFactory.getLogger(PowerLossTest.class);

  /** How many devices are recorded, and how many images of each are opened. */
  private static final int RECORDINGS = Integer.getInteger("lsmdb.power.recordings", 40);

  private static final int IMAGES = Integer.getInteger("lsmdb.power.images", 130);

  private static final int SIZE = 64 << 20;
  private static final int STEPS = 2_000; // of all writers
  private static final byte[] AFTER = Workload.bytes("after");

  private static final List<String> MOUNT_OPTIONS =
      List.of(
          "commit=1,noatime",
          "commit=1,noatime,noauto_da_alloc",
          "commit=1,noatime,noauto_da_alloc,nodelalloc",
          "commit=1,noatime,nodelalloc",
          "commit=1,noatime,noauto_da_alloc,data=writeback",
          "commit=1,noatime,data=journal");

  /** After a failure recording, image and store stay here. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path directory;

  /** Skips the tests where a device cannot be recorded. */
  @BeforeEach
  void requireDevices() {
    Optional<String> obstacle = RecordedDisk.obstacle();
    assumeTrue(obstacle.isEmpty(), () -> "not run: " + obstacle.orElseThrow());
  }

  @Test
  void whatWasPromisedOutlastsAPowerLoss() {
    Seed.check(RECORDINGS, this::recordAndLosePower);
  }

  private void recordAndLosePower(long seed) throws Exception {
    Random random = new Random(seed);
    String mountOptions = MOUNT_OPTIONS.get(random.nextInt(MOUNT_OPTIONS.size()));
    int writers = random.nextBoolean() ? 1 : 4;
    int sessions = 1 + random.nextInt(3);
    Workload workload = new Workload(seed);
    WriteHistory history = new WriteHistory(writers);
    Path work = Files.createTempDirectory(directory, "power");
    Path recorded;
    try (RecordedDisk disk = new RecordedDisk(work, SIZE, mountOptions, seed)) {
      recorded = disk.recording();
      new Writers(disk, workload, history).run(sessions, STEPS / writers / sessions);
    }
    try (Recording recording = new Recording(recorded)) {
      LOG.info(
          "seed {}: ext4 {}, {} writers, {} sessions, {} writes, {} flushes",
          seed,
          mountOptions,
          writers,
          sessions,
          recording.count(Recording.EventType.WRITE),
          recording.count(Recording.EventType.FLUSH));
      RecoveryCheck check = new RecoveryCheck(workload, history);
      new CrashImages(recording, seed).forEach(IMAGES, SIZE, new Reopening(work, check, random));
    }
    Files.delete(recorded);
  }

  /**
   * Opens the store of an image, lets it go on, and opens it once more with other settings.
   *
   * @param work for files
   * @param check what it must be like
   * @param random for settings
   */
  private record Reopening(Path work, RecoveryCheck check, Random random)
      implements CrashImages.Visitor {
    @Override
    public void visit(byte[] image, List<Integer> marks, String what) throws IOException {
      Path store = CrashedDisk.recover(image, work);
      try {
        try (Db db = Db.open(store, Writers.options(random.nextLong()))) {
          check.check(db, marks);
          db.put(AFTER, AFTER, WriteOptions.SYNC);
        }
        try (Db db = Db.open(store, Writers.options(random.nextLong()))) {
          check.check(db, marks);
          assertArrayEquals(AFTER, db.get(AFTER));
        }
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("power lost " + what + ": " + e.getMessage(), e);
      }
    }
  }

  @Test
  void imagesHaveWhatWasSyncedAndMayLackTheRest() throws Exception {
    Path recorded;
    try (RecordedDisk disk = new RecordedDisk(directory, SIZE, "noatime,commit=600", 1)) {
      recorded = disk.recording();
      Path store = Files.createDirectory(disk.store());
      write(store.resolve("synced"), true);
      try (FileChannel entries = FileChannel.open(store)) {
        entries.force(true);
      }
      write(store.resolve("unsynced"), false);
      disk.mark(0);
    }
    boolean[] lost = new boolean[1];
    try (Recording recording = new Recording(recorded)) {
      new CrashImages(recording, 1)
          .forEach(
              8,
              SIZE,
              (image, marks, what) -> {
                Path copy = CrashedDisk.recover(image, directory);
                assertEquals(List.of(0), marks);
                assertArrayEquals(AFTER, Files.readAllBytes(copy.resolve("synced")), what);
                lost[0] |= !Files.exists(copy.resolve("unsynced"));
              });
    }
    assertTrue(lost[0], "each image has the unsynced file");
    assertFalse(Files.exists(directory.resolve("root").resolve("store")), "it is still mounted");
  }

  private static void write(Path file, boolean sync) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(AFTER));
      if (sync) {
        channel.force(true);
      }
    }
  }
}
