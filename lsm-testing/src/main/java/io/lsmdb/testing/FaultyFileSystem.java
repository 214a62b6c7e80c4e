package io.lsmdb.testing;

import io.lsmdb.StorageException;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A file system around another one that counts what is done, and fails where it is told to.
 *
 * <p>Thread-safe as far as the other one is. Reads of {@code exists}, {@code realPath}, {@code
 * freeSpace} and {@code reservesByZeroFill} pass through uncounted.
 *
 * <ol>
 *   <li>Mutating operations have consecutive numbers, the first one 1.
 *   <li>The observer is called before a mutating operation takes effect, without any lock held; it
 *       may throw, which keeps the operation from happening.
 *   <li>As the contract says, a file being written fails for good after one failed append or force.
 *   <li>When the other file system is a {@link MemFileSystem}, a failed force leaves its bytes
 *       clean but not durable.
 * </ol>
 *
 * <p>Part of {@link SimulatedMachine}; the interface behind it is internal to the library.
 */
@SuppressWarnings("exports")
public final class FaultyFileSystem implements FileSystem {
  /** Sees operations before they happen. */
  @FunctionalInterface
  public interface Observer {
    /**
     * A mutating operation is about to happen.
     *
     * @param index its number, from 1 on
     * @param operation what it is
     * @param path the file or directory concerned
     */
    void onOperation(int index, Operation operation, Path path);
  }

  /** Guarded by the file system. */
  private static final class Rule {
    final int nth;
    final Fault fault;
    final Set<Operation> operations;
    final Predicate<String> fileName;
    int seen;

    Rule(int nth, Fault fault, Set<Operation> operations, Predicate<String> fileName) {
      this.nth = nth;
      this.fault = fault;
      this.operations = Set.copyOf(operations);
      this.fileName = fileName;
    }
  }

  private record Done(Operation operation, String name) {}

  private final FileSystem inner;

  // Guarded by this.
  private final List<Rule> rules = new ArrayList<>();
  private final List<Done> done = new ArrayList<>();
  private final List<String> open = new ArrayList<>();
  private Observer observer = (index, operation, path) -> {};
  private int injected;

  /**
   * Creates a file system that fails nothing yet.
   *
   * @param inner does the work
   */
  public FaultyFileSystem(FileSystem inner) {
    this.inner = inner;
  }

  /**
   * Lets a mutating operation fail.
   *
   * @param nth which one, counted from this call on; 1 is the next
   * @param fault how
   */
  public void failAt(int nth, Fault fault) {
    failAt(nth, fault, Operation.MUTATING, name -> true);
  }

  /**
   * Lets one of certain operations fail.
   *
   * @param nth which of the matching ones, counted from this call on; 1 is the next
   * @param fault how
   * @param operations which operations count
   * @param fileName which files count, by the last element of the path
   */
  public synchronized void failAt(
      int nth, Fault fault, Set<Operation> operations, Predicate<String> fileName) {
    rules.add(new Rule(nth, fault, operations, fileName));
  }

  /** Lets nothing fail any more. */
  public synchronized void clearFaults() {
    rules.clear();
  }

  /**
   * How many operations have failed on request.
   *
   * @return a count since creation
   */
  public synchronized int injectedFaults() {
    return injected;
  }

  /**
   * Sets who sees operations before they happen, in place of the former one.
   *
   * @param newObserver called in the thread that does the operation
   */
  public synchronized void observe(Observer newObserver) {
    observer = newObserver;
  }

  /**
   * How many mutating operations were asked for.
   *
   * @return a count since creation
   */
  public synchronized int operations() {
    return done.size();
  }

  /**
   * The mutating operations that were asked for.
   *
   * @return one line each, such as "append 000001.log"
   */
  public synchronized List<String> trace() {
    return done.stream().map(d -> d.operation() + " " + d.name()).toList();
  }

  /**
   * How many handles and locks are open.
   *
   * @return a count
   */
  public synchronized int openHandles() {
    return open.size();
  }

  /**
   * The files behind the handles and locks that are open.
   *
   * @return names, one for each handle
   */
  public synchronized List<String> openFiles() {
    return List.copyOf(open);
  }

  /** Counts an operation, and returns the fault it meets or null. */
  Fault before(Operation operation, Path path) {
    String name = String.valueOf(path.getFileName());
    if (Operation.MUTATING.contains(operation)) {
      Observer current;
      int index;
      synchronized (this) {
        done.add(new Done(operation, name));
        index = done.size();
        current = observer;
      }
      current.onOperation(index, operation, path);
    }
    synchronized (this) {
      Fault fault = null;
      for (Rule rule : rules) {
        if (rule.operations.contains(operation) && rule.fileName.test(name)) {
          rule.seen++;
          if (rule.seen == rule.nth || (rule.fault.forever && rule.seen > rule.nth)) {
            fault = rule.fault;
          }
        }
      }
      injected += fault == null ? 0 : 1;
      return fault;
    }
  }

  void check(Operation operation, Path path) {
    Fault fault = before(operation, path);
    if (fault != null) {
      throw failure(operation, path, fault);
    }
  }

  static StorageException failure(Operation operation, Path path, Fault fault) {
    return new StorageException(
        operation.toString(), path.toString(), fault.reason, new IOException("injected"));
  }

  @Override
  public void createDirectories(Path directory) {
    check(Operation.CREATE_DIRECTORIES, directory);
    inner.createDirectories(directory);
  }

  @Override
  public Path realPath(Path directory) {
    return inner.realPath(directory);
  }

  @Override
  public boolean exists(Path path) {
    return inner.exists(path);
  }

  @Override
  public WritableFile create(Path file) {
    check(Operation.CREATE, file);
    return new FaultyFiles.Writer(this, file, inner.create(file));
  }

  @Override
  public ReadableFile openForRead(Path file) {
    check(Operation.OPEN, file);
    return new FaultyFiles.Reader(this, file, inner.openForRead(file));
  }

  @Override
  public MappedFile map(Path file, int size) {
    check(Operation.MAP, file);
    return new FaultyFiles.Mapping(this, file, inner.map(file, size));
  }

  @Override
  public MappedFile mapGrowing(Path file, int capacity) {
    check(Operation.MAP, file);
    return new FaultyFiles.Mapping(this, file, inner.mapGrowing(file, capacity));
  }

  @Override
  public void rename(Path from, Path to) {
    check(Operation.RENAME, from);
    inner.rename(from, to);
  }

  @Override
  public void delete(Path file) {
    check(Operation.DELETE, file);
    inner.delete(file);
  }

  @Override
  public void link(Path existing, Path link) {
    check(Operation.LINK, link);
    inner.link(existing, link);
  }

  @Override
  public long size(Path file) {
    check(Operation.SIZE, file);
    return inner.size(file);
  }

  @Override
  public List<String> list(Path directory) {
    check(Operation.LIST, directory);
    return inner.list(directory);
  }

  @Override
  public void forceDirectory(Path directory) {
    check(Operation.FORCE_DIRECTORY, directory);
    inner.forceDirectory(directory);
  }

  @Override
  public AutoLock lock(Path file) {
    check(Operation.LOCK, file);
    return new FaultyFiles.Lock(this, file, inner.lock(file));
  }

  @Override
  public long freeSpace(Path directory) {
    return inner.freeSpace(directory);
  }

  @Override
  public boolean reservesByZeroFill(Path directory) {
    return inner.reservesByZeroFill(directory);
  }

  synchronized void opened(Path path) {
    open.add(String.valueOf(path.getFileName()));
  }

  synchronized void closed(Path path) {
    open.remove(String.valueOf(path.getFileName()));
  }
}
