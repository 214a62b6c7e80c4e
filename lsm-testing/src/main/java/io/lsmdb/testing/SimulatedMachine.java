package io.lsmdb.testing;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.StorageException;
import io.lsmdb.internal.engine.DbImpl;
import io.lsmdb.internal.engine.runtime.Environment;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Machine in memory whose disk, clock and background work a test controls.
 *
 * <p>A test opens stores on it, lets the application work, and asks with {@link #crash} what a loss
 * of power would leave at any moment. The answer is another machine, on which the same store opens
 * as after a restart. File operations fail on request ({@link #failAt(int, Fault)}).
 *
 * <p>Thread-safe. The machine itself needs no closing and leaves nothing behind. The caller closes
 * each store that it opens, also one whose machine has "crashed": a crash stops nothing.
 *
 * <ol>
 *   <li>Operations that change the disk have consecutive numbers, the first one 1.
 *   <li>The clock stands until the test moves it. Waits and timeouts use real time.
 *   <li>On a machine made by {@link #stepped}, background work runs inside of {@link
 *       #runBackground}, and beside the call inside of {@link #during}. Nothing runs beside other
 *       calls, so that they do the same again under the same seed.
 * </ol>
 */
public final class SimulatedMachine {
  /** The directory of the store where none is named. */
  public static final Path DIRECTORY = Path.of("/store");

  private static final long FIRST_MILLIS = 1_700_000_000_000L;

  private final long seed;
  private final MemFileSystem disk;
  private final FaultyFileSystem files;
  private final TestClock clock;

  /** Null where background work has threads of its own. */
  private final SteppedExecutors steps;

  private final Environment environment;

  private SimulatedMachine(long seed, MemFileSystem disk, long millis, boolean isStepped) {
    this.seed = seed;
    this.disk = disk;
    this.files = new FaultyFileSystem(disk);
    this.clock = new TestClock(millis);
    this.steps = isStepped ? new SteppedExecutors(seed) : null;
    Environment system = Environment.system();
    this.environment =
        new Environment(
            files,
            clock::currentTimeMillis,
            system.nanoTime(),
            randomNumbers(seed),
            isStepped ? steps : system.executors());
  }

  private static LongSupplier randomNumbers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return () -> {
      synchronized (random) {
        return random.nextLong();
      }
    };
  }

  /**
   * Makes a machine with an empty disk, whose stores do their background work in threads.
   *
   * @param seed of the random numbers in the files of its stores
   * @return needs no closing
   */
  public static SimulatedMachine create(long seed) {
    return new SimulatedMachine(seed, new MemFileSystem(), FIRST_MILLIS, false);
  }

  /**
   * Makes a machine with an empty disk, whose stores do their background work when the test lets
   * them. A call that waits for background work hangs outside of {@link #during}: flush, compact,
   * close, and a write that stalls.
   *
   * @param seed of the order of background work, and of the random numbers in the files
   * @return needs no closing
   */
  public static SimulatedMachine stepped(long seed) {
    return new SimulatedMachine(seed, new MemFileSystem(), FIRST_MILLIS, true);
  }

  /**
   * Opens the store in {@link #DIRECTORY}, as {@link Db#open(Path, DbOptions)} does.
   *
   * @param options settings
   * @return to be closed by the caller
   */
  public Db open(DbOptions options) {
    return open(DIRECTORY, options);
  }

  /**
   * Opens a store, as {@link Db#open(Path, DbOptions)} does.
   *
   * @param directory where the store lives on this machine
   * @param options settings
   * @return to be closed by the caller
   */
  public Db open(Path directory, DbOptions options) {
    return DbImpl.open(directory, options, environment);
  }

  /**
   * Makes the machine that is found after a crash at this moment. Its clock shows the same time, no
   * operation of it fails, and its background work is done as on this machine.
   *
   * @param mode what is lost
   * @param crashSeed chooses among the outcomes of the mode; the same one gives the same disk
   * @return another machine, on which stores can be opened; this one goes on unchanged
   */
  public SimulatedMachine crash(CrashMode mode, long crashSeed) {
    return new SimulatedMachine(
        new SplittableRandom(seed ^ Long.rotateLeft(crashSeed, 32)).nextLong(),
        disk.crashImage(Objects.requireNonNull(mode, "mode"), crashSeed),
        clock.currentTimeMillis(),
        steps != null);
  }

  /**
   * Returns the wall clock, which starts in November 2023. Values expire by it in stores without a
   * time source of their own.
   *
   * @return the same clock each time
   */
  public TestClock clock() {
    return clock;
  }

  /**
   * Sets who sees operations that change the disk before they happen, in place of the former one.
   * The observer runs in the thread that does the operation. It may call {@link #crash}. It must
   * not use a store of this machine.
   *
   * @param observer called by several threads at a time, unless the machine is {@link #stepped}
   */
  public void observe(FaultyFileSystem.Observer observer) {
    files.observe(Objects.requireNonNull(observer, "observer"));
  }

  /**
   * Counts the operations that were to change the disk.
   *
   * @return a count since the machine was made
   */
  public int operations() {
    return files.operations();
  }

  /**
   * Lets an operation that changes the disk fail.
   *
   * @param nth which one, counted from this call on; 1 is the next
   * @param fault how it fails
   */
  public void failAt(int nth, Fault fault) {
    failAt(nth, fault, Operation.MUTATING, name -> true);
  }

  /**
   * Lets one of certain operations fail.
   *
   * @param nth which of the matching ones, counted from this call on; 1 is the next
   * @param fault how it fails
   * @param operations the operations that match
   * @param fileName the files that match, by the last element of the path
   */
  public void failAt(int nth, Fault fault, Set<Operation> operations, Predicate<String> fileName) {
    if (nth < 1) {
      throw new IllegalArgumentException("nth is " + nth + ", and counts from 1");
    }
    files.failAt(
        nth,
        Objects.requireNonNull(fault, "fault"),
        Objects.requireNonNull(operations, "operations"),
        Objects.requireNonNull(fileName, "fileName"));
  }

  /** Ends all faults that {@link #failAt(int, Fault)} asked for. */
  public void clearFaults() {
    files.clearFaults();
  }

  /**
   * Counts the operations that have failed on request.
   *
   * @return a count since the machine was made
   */
  public int injectedFaults() {
    return files.injectedFaults();
  }

  /**
   * Sets the size of the disk, 1 TiB at first. Less than is in use is allowed: the disk is full
   * then, and writes fail with {@link StorageException.Reason#DISK_FULL}.
   *
   * @param bytes the sum of the lengths of all files
   */
  public void setDiskCapacity(long bytes) {
    disk.setCapacity(bytes);
  }

  /**
   * Returns how much of the disk is in use.
   *
   * @return the sum of the lengths of all files, in bytes
   */
  public long usedDiskBytes() {
    return disk.usedBytes();
  }

  /**
   * Runs the background work of a {@link #stepped} machine in this thread until none is left. Does
   * nothing on other machines.
   */
  public void runBackground() {
    if (steps != null) {
      steps.runPending();
    }
  }

  /**
   * Makes a call, on a {@link #stepped} machine with background work beside it and after it.
   *
   * @param call may wait for background work
   */
  public void during(Runnable call) {
    if (steps == null) {
      call.run();
    } else {
      steps.during(call);
    }
  }

  /**
   * Rings the alarms of a {@link #stepped} machine, once. Alarms have stores look for values and
   * tables whose time has come, after the clock was moved. On other machines they ring by
   * themselves, within a minute of real time; this does nothing there.
   */
  public void ringAlarms() {
    if (steps != null) {
      steps.ringAlarms();
    }
  }
}
