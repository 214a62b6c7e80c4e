package io.lsmdb.internal.compaction;

import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.table.TableBuilder;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.table.TableIdentity;
import io.lsmdb.internal.table.TableProperties;
import io.lsmdb.internal.table.TableSummary;
import io.lsmdb.internal.version.FileMetadata;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The tables that one flush or subcompaction writes, one after the other.
 *
 * <p>Not thread-safe. Owned by its job, which either takes {@link #finished()} or calls {@link
 * #discard}.
 *
 * <ol>
 *   <li>Every file that was created is either finished, that is complete and forced, or deleted by
 *       {@code discard}.
 *   <li>Nothing is created before the first entry, so there are no empty tables.
 * </ol>
 */
final class TableOutputs {
  private final JobEnvironment environment;
  private final TableFormat format;
  private final LongSupplier creationTime;
  private final List<FileMetadata> finished = new ArrayList<>();
  private final List<Path> created = new ArrayList<>();

  private TableBuilder builder; // null between tables
  private long number;
  private SnapshotNeed.Sum needs; // of the entries of the table being written

  /**
   * Begins without tables.
   *
   * @param environment the store around
   * @param format how tables are laid out
   * @param creationTime from when on the age of a table counts that is begun now, in ms since 1970
   */
  TableOutputs(JobEnvironment environment, TableFormat format, LongSupplier creationTime) {
    this.environment = environment;
    this.format = format;
    this.creationTime = creationTime;
  }

  /** Appends the current entry of a cursor, to a new table if none is being written. */
  void add(CompactionIterator entry) {
    if (builder == null) {
      begin();
    }
    builder.add(
        entry.trailer(),
        entry.keyArray(),
        0,
        entry.keyLength(),
        entry.valueArray(),
        entry.valueOffset(),
        entry.valueLength());
    if (entry.need().exists()) {
      needs.add(entry.need(), entry.keyLength() + entry.valueLength());
    }
  }

  /** Whether a table is being written. */
  boolean isOpen() {
    return builder != null;
  }

  /** About how large the table being written would be, in bytes. */
  long currentSize() {
    return builder.estimatedFileSize();
  }

  /**
   * Completes the table being written, if there is one.
   *
   * @param clearedTo range tombstones up to this sequence hide nothing in it
   */
  void finish(long clearedTo) {
    if (builder == null) {
      return;
    }
    TableSummary summary = builder.finish();
    builder.close();
    builder = null;
    finished.add(metadata(summary, clearedTo));
  }

  /** The complete tables in key order. */
  List<FileMetadata> finished() {
    return finished;
  }

  long finishedBytes() {
    long sum = 0;
    for (FileMetadata file : finished) {
      sum += file.size();
    }
    return sum;
  }

  /** Deletes every file that was created; what fails meanwhile is added to the cause. */
  void discard(Throwable cause) {
    if (builder != null) {
      attempt(cause, builder::close);
      builder = null;
    }
    for (Path file : created) {
      attempt(cause, () -> environment.fileSystem().delete(file));
    }
    created.clear();
    finished.clear();
  }

  private static void attempt(Throwable cause, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      if (e != cause) {
        cause.addSuppressed(e);
      }
    }
  }

  private void begin() {
    number = environment.numbers().getAsLong();
    needs = new SnapshotNeed.Sum();
    long session = environment.session();
    TableIdentity identity =
        new TableIdentity(
            environment.databaseId().high(),
            environment.databaseId().low(),
            session,
            number,
            contentId());
    String name = FileNames.table(number, session);
    Path path = environment.directory().resolve(name);
    WritableFile file = environment.fileSystem().create(path);
    created.add(path);
    try {
      builder = new TableBuilder(file, name, format, identity, creationTime.getAsLong());
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private long contentId() {
    long id = environment.contentIds().getAsLong();
    return id == TableIdentity.ANY_CONTENT_ID ? 0 : id;
  }

  private FileMetadata metadata(TableSummary summary, long clearedTo) {
    TableProperties properties = summary.properties();
    return new FileMetadata(
        number,
        environment.session(),
        new FileMetadata.Content(
            summary.contentId(),
            summary.fileSize(),
            summary.fileChecksum(),
            properties.creationTimeMillis()),
        new FileMetadata.Counts(
            properties.entries(),
            properties.deletions(),
            properties.smallestSequence(),
            properties.largestSequence(),
            new FileMetadata.Expiries(
                properties.expiring(), properties.smallestExpiry(), properties.largestExpiry()),
            clearedTo,
            needs.retained(
                properties.rawKeyBytes() + properties.rawValueBytes(), summary.fileSize())),
        summary.smallest(),
        summary.largest());
  }
}
