package io.lsmdb.power;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * An ext4 file system on a block device whose writes and flushes are recorded, in the order in
 * which the device got them.
 *
 * <p>A FUSE file (recorder.c) under a loop device is the device. Beside its user another program
 * (writeback.c) starts the writing back of random pages, as the kernel may at any moment.
 *
 * <p>{@link #mark} may be called by several threads. Owned by a test, which closes it; the
 * recording is complete after that.
 */
final class RecordedDisk implements AutoCloseable {
  private static final int STARTS_WITHIN = 10_000; // ms

  private final UndoStack undo = new UndoStack();
  private final Path work;
  private final Path root;
  private RandomAccessFile marks;

  /**
   * Makes the device and its file system.
   *
   * @param work an empty directory, for the recording and for mount points
   * @param size of the device in bytes
   * @param mountOptions of ext4
   * @param seed for the writing back
   */
  RecordedDisk(Path work, int size, String mountOptions, long seed) {
    this.work = work;
    this.root = work.resolve("root");
    try {
      Path fuse = Files.createDirectory(work.resolve("fuse"));
      Files.createDirectory(root);
      startRecorder(fuse, size);
      marks = new RandomAccessFile(fuse.resolve("mark").toFile(), "rw");
      undo.add(marks);
      String loop = Command.run("losetup", "--find", "--show", fuse.resolve("disk").toString());
      undo.add(() -> Command.run("losetup", "--detach", loop));
      Command.run("mkfs.ext4", "-q", "-F", loop);
      Mounts.mount(Path.of(loop), root, mountOptions);
      undo.add(() -> Mounts.unmount(root));
      startWriteback(seed);
    } catch (IOException | InterruptedException | RuntimeException e) {
      IllegalStateException failure = new IllegalStateException("cannot make a recorded disk", e);
      try {
        undo.close();
      } catch (RuntimeException inUndo) {
        failure.addSuppressed(inUndo);
      }
      throw failure;
    }
  }

  /** The reason why this machine cannot record, or empty if it can. */
  static Optional<String> obstacle() {
    if (!Command.attempt("id", "-u").output().equals("0")) {
      return Optional.of("not root");
    }
    if (Command.attempt(NativeTool.COMPILER, "--version").status() != 0) {
      return Optional.of("no C compiler");
    }
    if (!Files.exists(Path.of("/dev/fuse"))) {
      return Optional.of("no /dev/fuse");
    }
    if (Command.attempt("losetup", "--find").status() != 0) {
      return Optional.of("no loop device");
    }
    return Command.attempt("mkfs.ext4", "-V").status() != 0
        ? Optional.of("no mkfs.ext4")
        : Optional.empty();
  }

  private void startRecorder(Path fuse, int size) throws IOException, InterruptedException {
    Path program = NativeTool.compile("recorder", work);
    Process recorder =
        new ProcessBuilder(
                program.toString(), fuse.toString(), Integer.toString(size), recording().toString())
            .inheritIO()
            .start();
    undo.add(() -> endRecorder(recorder));
    undo.add(() -> Mounts.unmount(fuse));
    for (int waited = 0; !Files.exists(fuse.resolve("disk")); waited++) {
      if (!recorder.isAlive() || waited == STARTS_WITHIN) {
        throw new IllegalStateException("the recorder does not start");
      }
      Thread.sleep(1);
    }
  }

  /** Waits until the recorder, which is unmounted by now, has written its recording out. */
  private static void endRecorder(Process recorder) throws InterruptedException {
    if (!recorder.waitFor(STARTS_WITHIN, TimeUnit.MILLISECONDS)) {
      recorder.destroyForcibly();
      throw new IllegalStateException("the recorder does not end");
    }
    if (recorder.exitValue() != 0) {
      throw new IllegalStateException("the recorder has failed");
    }
  }

  private void startWriteback(long seed) throws IOException {
    Path program = NativeTool.compile("writeback", work);
    Process process =
        new ProcessBuilder(program.toString(), store().toString(), Integer.toString((int) seed))
            .inheritIO()
            .start();
    undo.add(() -> process.destroyForcibly().waitFor());
  }

  /** The directory for the store in this file system; it does not exist yet. */
  Path store() {
    return store(root);
  }

  /** The directory for the store below the root of this file system. */
  static Path store(Path root) {
    return root.resolve("store");
  }

  /** The file that holds the recording. */
  Path recording() {
    return work.resolve("recording");
  }

  /** Puts a number into the recording, behind all that the device has got so far. */
  synchronized void mark(int number) {
    try {
      marks.write(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Unmounts and detaches everything. Closing twice is fine. */
  @Override
  public void close() {
    undo.close();
  }
}
