package io.lsmdb.internal.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lsmdb.DbLockedException;
import io.lsmdb.StorageException;
import io.lsmdb.StorageException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only the platform's file system can show: modes, links, special files, a full device. */
@Timeout(60)
class NioFileSystemTest {
  @TempDir Path dir;
  private final FileSystem fs = new NioFileSystem();

  @BeforeEach
  void posixOnly() {
    assumeTrue(
        dir.getFileSystem().supportedFileAttributeViews().contains("posix"), "not a POSIX system");
  }

  private void write(Path file, byte[] content) {
    try (WritableFile out = fs.create(file)) {
      out.append(content, 0, content.length);
    }
  }

  private static StorageException assertReason(Reason reason, Runnable call) {
    StorageException e = assertThrows(StorageException.class, call::run);
    assertEquals(reason, e.reason(), e.getMessage());
    return e;
  }

  @Test
  void filesAndDirectoriesArePrivateFromTheStart() throws IOException {
    write(dir.resolve("a"), new byte[1]);
    fs.lock(dir.resolve("LOCK")).close();
    fs.createDirectories(dir.resolve("x/y"));
    Set<PosixFilePermission> file = PosixFilePermissions.fromString("rw-------");
    Set<PosixFilePermission> directory = PosixFilePermissions.fromString("rwx------");
    assertEquals(file, Files.getPosixFilePermissions(dir.resolve("a")));
    assertEquals(file, Files.getPosixFilePermissions(dir.resolve("LOCK")));
    assertEquals(directory, Files.getPosixFilePermissions(dir.resolve("x")));
    assertEquals(directory, Files.getPosixFilePermissions(dir.resolve("x/y")));
  }

  @Test
  void symbolicLinksToFilesAreNotFollowed() throws IOException {
    byte[] content = {1, 2, 3};
    write(dir.resolve("target"), content);
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("target"));
    Path dangling = Files.createSymbolicLink(dir.resolve("LOCK"), dir.resolve("nowhere"));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.openForRead(link));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.map(link, 3));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.size(link));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.link(link, dir.resolve("b")));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.create(link));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.lock(dangling));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.create(dangling));
    assertTrue(fs.exists(dangling));
    assertFalse(Files.exists(dir.resolve("nowhere")), "nothing was created behind the link");
    fs.delete(link);
    assertArrayEquals(content, Files.readAllBytes(dir.resolve("target")));
  }

  @Test
  void aLinkToADirectoryServesAsDirectory() throws IOException {
    fs.createDirectories(dir.resolve("real"));
    Path link = Files.createSymbolicLink(dir.resolve("link"), dir.resolve("real"));
    fs.createDirectories(link);
    assertEquals(fs.realPath(dir.resolve("real")), fs.realPath(link));
    write(link.resolve("a"), new byte[1]);
    fs.forceDirectory(link);
    assertEquals(1, fs.list(link).size());
    FileSystem.AutoLock lock = fs.lock(link.resolve("LOCK"));
    assertThrows(DbLockedException.class, () -> fs.lock(dir.resolve("real").resolve("LOCK")));
    lock.close();
  }

  @Test
  void namedPipesAreRefusedWithoutWaiting() throws Exception {
    Path pipe = dir.resolve("LOCK");
    Process mkfifo;
    try {
      mkfifo = new ProcessBuilder("mkfifo", pipe.toString()).start();
    } catch (IOException e) {
      assumeTrue(false, "mkfifo is not there");
      return;
    }
    assumeTrue(mkfifo.waitFor(10, TimeUnit.SECONDS) && mkfifo.exitValue() == 0, "no mkfifo");
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.openForRead(pipe));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.map(pipe, 1));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.lock(pipe));
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.size(pipe));
    assertReason(Reason.ALREADY_EXISTS, () -> fs.create(pipe));
  }

  @Test
  void withoutPermissionEverythingIsDenied() throws IOException {
    write(dir.resolve("a"), new byte[1]);
    Files.setPosixFilePermissions(dir.resolve("a"), Set.of());
    assumeTrue(!Files.isReadable(dir.resolve("a")), "this user may read everything (root)");
    assertReason(Reason.ACCESS_DENIED, () -> fs.openForRead(dir.resolve("a")));
    assertReason(Reason.ACCESS_DENIED, () -> fs.map(dir.resolve("a"), 1));
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("r-x------"));
    assertReason(Reason.ACCESS_DENIED, () -> fs.create(dir.resolve("b")));
    assertReason(Reason.ACCESS_DENIED, () -> fs.lock(dir.resolve("LOCK")));
    assertReason(Reason.ACCESS_DENIED, () -> fs.delete(dir.resolve("a")));
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void linkAndRenameAcrossDevicesAreTyped() {
    Path other = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(other), "no second device at /dev/shm");
    write(dir.resolve("a"), new byte[1]);
    Path target = other.resolve("lsmdb-test-" + System.nanoTime());
    assumeTrue(deviceOf(dir) != deviceOf(other), "the same device");
    assertReason(Reason.CROSS_DEVICE, () -> fs.link(dir.resolve("a"), target));
    assertReason(Reason.CROSS_DEVICE, () -> fs.rename(dir.resolve("a"), target));
    assertTrue(fs.exists(dir.resolve("a")));
    assertFalse(fs.exists(target));
  }

  private static long deviceOf(Path path) {
    try {
      return (long) Files.getAttribute(path, "unix:dev");
    } catch (IOException | UnsupportedOperationException e) {
      return -1;
    }
  }

  @Test
  void aFullDeviceIsTypedAndUsableAgainAfterwards() throws Exception {
    Path mount = Files.createDirectory(dir.resolve("small"));
    Process process;
    try {
      process =
          new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "lsmdb", mount.toString())
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      assumeTrue(false, "not run: there is no mount command");
      return;
    }
    assumeTrue(
        process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0,
        "not run: mounting a small tmpfs needs more rights");
    try {
      byte[] chunk = new byte[300_000];
      assertTrue(fs.reservesByZeroFill(mount));
      assertTrue(fs.freeSpace(mount) <= 1 << 20);
      try (WritableFile out = fs.create(mount.resolve("a"))) {
        for (int i = 0; i < 3; i++) {
          out.append(chunk, 0, chunk.length);
        }
        assertReason(Reason.DISK_FULL, () -> out.append(chunk, 0, chunk.length));
        assertReason(Reason.DISK_FULL, () -> out.append(chunk, 0, 1));
        assertReason(Reason.DISK_FULL, out::force);
      }
      try (ReadableFile in = fs.openForRead(mount.resolve("a"))) {
        assertEquals(chunk.length, in.read(600_000, chunk, 0, chunk.length));
      }
      fs.delete(mount.resolve("a"));
      write(mount.resolve("b"), chunk);
    } finally {
      new ProcessBuilder("umount", mount.toString()).start().waitFor(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void r24_afterAFailedAppendEveryAppendAndForceFails() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "there is no /dev/full");
    assertReason(Reason.WRONG_FILE_TYPE, () -> fs.openForRead(full));
    try (WritableFile out = new NioWritableFile(full, new RandomAccessFile(full.toFile(), "rw"))) {
      assertReason(Reason.DISK_FULL, () -> out.append(new byte[10], 0, 10));
      assertReason(Reason.DISK_FULL, () -> out.append(new byte[10], 0, 10));
      assertReason(Reason.DISK_FULL, out::force);
      assertEquals(0, out.size());
    }
  }

  @Test
  void r48_interruptsNeverFailReadsOfAnyThread() throws Exception {
    byte[] content = new byte[1 << 20];
    new Random(1).nextBytes(content);
    write(dir.resolve("a"), content);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (NioReadableFile in = NioReadableFile.open(dir.resolve("a"))) {
      Thread[] readers = new Thread[3];
      for (int t = 0; t < readers.length; t++) {
        int id = t;
        readers[t] =
            new Thread(
                () -> {
                  try {
                    readUntil(stop, in, content, id);
                  } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                  }
                });
        readers[t].start();
      }
      // The third reader is only affected through the channel that it shares with the others.
      for (int i = 0, reopened = 0; reopened < 50 && failure.get() == null; i++) {
        FileChannel before = in.channel;
        readers[i % 2].interrupt();
        Thread.onSpinWait();
        reopened += in.channel == before ? 0 : 1;
      }
      stop.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
    }
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
  }

  private static void readUntil(AtomicBoolean stop, ReadableFile in, byte[] content, int id) {
    Random random = new Random(id);
    byte[] to = new byte[200_000];
    for (int i = 0; !stop.get(); i++) {
      int position = random.nextInt(content.length);
      int length = random.nextInt(i % 4 == 0 ? to.length : 8_192);
      int n = in.read(position, to, 0, length);
      assertEquals(Math.min(length, content.length - position), n);
      assertTrue(
          Arrays.equals(to, 0, n, content, position, position + n),
          "read " + i + " at " + position);
    }
    assertEquals(id < 2, Thread.interrupted(), "the interrupt status is kept");
  }

  @Test
  void r48_interruptsNeverFailWritesForcesOrLocks() throws Exception {
    Throwable[] failure = new Throwable[1];
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              try {
                spinUntil(interrupted);
                for (int i = 0; i < 10; i++) {
                  writeForceAndLock(dir.resolve("f" + i));
                }
                assertTrue(Thread.interrupted(), "the interrupt status is kept");
              } catch (Throwable e) {
                failure[0] = e;
              }
            });
    writer.start();
    while (writer.isAlive()) {
      writer.interrupt();
      interrupted.set(true);
      Thread.sleep(0, 50_000);
    }
    if (failure[0] != null) {
      throw new AssertionError(failure[0]);
    }
  }

  private static void spinUntil(AtomicBoolean flag) {
    while (!flag.get()) {
      Thread.onSpinWait();
    }
  }

  private void writeForceAndLock(Path file) {
    byte[] data = new byte[100_000];
    FileSystem.AutoLock lock = fs.lock(dir.resolve("LOCK"));
    try {
      assertThrows(DbLockedException.class, () -> fs.lock(dir.resolve("LOCK")));
      try (WritableFile out = fs.create(file)) {
        for (int i = 0; i < 20; i++) {
          out.append(data, 0, data.length);
        }
        out.force();
      }
      fs.forceDirectory(dir);
      try (MappedFile map = fs.map(file, 1_000_000)) {
        map.put(0, data, 0, 1_000);
        map.writeDurably(5_000, data, 0, 1_000);
        map.force(0, 1_000);
      }
      assertEquals(2_000_000, fs.size(file));
    } finally {
      lock.close();
    }
  }

  @Test
  void r48_aFileThatBecameAnotherOneIsNotReadAfterAnInterrupt() throws Exception {
    Path file = dir.resolve("a");
    write(file, new byte[] {1});
    NioReadableFile in = NioReadableFile.open(file);
    write(dir.resolve("b"), new byte[] {2});
    fs.rename(dir.resolve("b"), file);
    byte[] to = new byte[1];
    assertEquals(1, in.read(0, to, 0, 1));
    assertEquals(1, to[0]);
    in.channel.close();
    assertReason(Reason.NOT_FOUND, () -> in.read(0, to, 0, 1));
    in.close();
  }

  @Test
  void reservesByZeroFillFollowsTheFileSystemType() throws IOException {
    Set<String> inPlace = Set.of("ext2", "ext3", "ext4", "xfs", "tmpfs");
    String type = Files.getFileStore(dir).type();
    Set<String> copyOnWrite = Set.of("btrfs", "zfs", "overlay", "apfs", "bcachefs");
    assumeTrue(inPlace.contains(type) || copyOnWrite.contains(type), "unknown type " + type);
    assertEquals(inPlace.contains(type), fs.reservesByZeroFill(dir));
  }
}
