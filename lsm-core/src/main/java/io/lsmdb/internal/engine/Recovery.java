package io.lsmdb.internal.engine;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.BatchReader;
import io.lsmdb.internal.base.Hash;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.MemTableRef;
import io.lsmdb.internal.engine.write.CommitQueue;
import io.lsmdb.internal.engine.write.LogManager;
import io.lsmdb.internal.engine.write.MemTableInserter;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.version.Family;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionSet;
import io.lsmdb.internal.wal.LogFiles;
import io.lsmdb.internal.wal.LogRecord;
import io.lsmdb.internal.wal.LogReplay;
import io.lsmdb.internal.wal.LogReport;
import io.lsmdb.internal.wal.LogSettings;
import io.lsmdb.internal.wal.LogTail;
import io.lsmdb.internal.wal.LogWriter;
import io.lsmdb.internal.wal.SegmentPool;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replay of the log into memtables when a store is opened.
 *
 * <p>Used once, by one thread, after the families are there and before anything else runs. The
 * replayed segments stay, and stay in use, until their entries are in tables; so a crash right
 * after recovery finds the same log again.
 *
 * <p>The log is read twice. The first reading changes no memtable: it finds the end of the log,
 * refuses a damaged one, and makes what is left durable. The second delivers it, and flushes
 * whenever memtables have taken their share of memory. So a flush never writes what a later part of
 * the log, or a loss of power, would take back.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  /**
   * WriteRequest groups are smaller than a quarter of it: none needs a segment of its own. Bytes.
   */
  private static final int MIN_OF_MAX_SEGMENT = 8 * CommitQueue.MAX_GROUP_BYTES;

  /** A log at its limit has so many segments at least, unless that makes them too small. */
  private static final int SEGMENTS_WITHIN_LIMIT = 4;

  private final EngineContext context;
  private final VersionSet versions;
  private final Map<Integer, Long> flushedSequences = new HashMap<>();
  private final BatchReader reader = new BatchReader();
  private final MemTableInserter inserter = new MemTableInserter();
  private final ReplayMemory memory;

  private LogManager log;
  private long lastSequence;

  Recovery(EngineContext context) {
    this.context = context;
    this.versions = context.versions();
    this.memory = new ReplayMemory(context, context.options().dbWriteBufferSize());
  }

  /** Replays the log, and makes it ready for appends. */
  void run() {
    for (Family family : versions.families()) {
      flushedSequences.put(family.id(), family.flushedSequence());
    }
    lastSequence = Math.max(versions.lastSequence(), largestSequenceOfTables());
    LogFiles files =
        new LogFiles(
            context.env().fileSystem(),
            context.directory(),
            Hash.mix(versions.databaseIdHigh(), versions.databaseIdLow()));
    boolean salvage = context.options().salvageLog();
    LogReplay check = new LogReplay(files, salvage);
    LogReport report = check.run(files.segmentNumbers(), record -> {});
    checkNothingMissing(files, report);
    tellOfCut(report);
    LogTail tail = check.seal(report);
    if (tail.lastSequence() > flushedEverywhere()) {
      new LogReplay(files, salvage).run(files.segmentNumbers(), this::apply);
    }
    context.families().all().forEach(f -> context.writeBuffers().count(f.readState().mutable()));
    lastSequence = Math.max(lastSequence, tail.lastSequence());
    SegmentPool pool = new SegmentPool(files, settings(), report.highestNumber() + 1);
    log =
        new LogManager(
            new LogWriter(pool, tail, report.segments()), pool, context.options().maxLogSize());
  }

  private LogSettings settings() {
    return new LogSettings(
        context.tuning().firstLogSegment(),
        maxSegment(),
        !context.options().mappedLog(),
        context.env().random(),
        context.fileExecutor(),
        failure -> LOG.warn("preparing a log segment failed; it is tried again on need", failure));
  }

  /**
   * About as large as a memtable, so that a log that is needed no more is not kept for long; and a
   * part of the log's limit, which is kept by whole segments.
   */
  private int maxSegment() {
    long largest = 0;
    for (ColumnFamilyState family : context.families().all()) {
      largest = Math.max(largest, family.options().writeBufferSize());
    }
    int most = context.tuning().maxLogSegment();
    long wanted = Math.min(largest, context.options().maxLogSize() / SEGMENTS_WITHIN_LIMIT);
    return (int) Math.min(most, Math.max(MIN_OF_MAX_SEGMENT, wanted & ~7L));
  }

  private long largestSequenceOfTables() {
    long largest = 0;
    for (ColumnFamilyState family : context.families().all()) {
      Version version = family.readState().version();
      for (int level = 0; level < Version.LEVELS; level++) {
        for (FileMetadata file : version.files(level)) {
          checkFlushed(family, file);
          largest = Math.max(largest, file.counts().largestSequence());
        }
      }
    }
    return largest;
  }

  /** What is in a table is replayed no more, so that newer memtables hold newer entries alone. */
  private void checkFlushed(ColumnFamilyState family, FileMetadata file) {
    if (file.counts().largestSequence() > flushedSequences.get(family.id())) {
      throw new CorruptionException(
          FileNames.manifest(versions.manifestNumber()),
          -1,
          "table " + file.number() + " is newer than the last flush of " + family.name());
    }
  }

  /** The log, once {@link #run} has returned. */
  LogManager log() {
    return log;
  }

  /** The largest sequence in use. */
  long lastSequence() {
    return lastSequence;
  }

  /** Up to here everything logged is in tables, whichever family it belongs to. */
  private long flushedEverywhere() {
    return flushedSequences.values().stream().mapToLong(Long::longValue).min().orElse(0);
  }

  private void apply(LogRecord record) {
    memory.makeRoom(record.length());
    long sequence = record.firstSequence();
    reader.reset(record.array(), record.offset(), record.length());
    while (reader.hasNext()) {
      String problem = reader.next();
      if (problem == null && sequence > record.lastSequence()) {
        problem = "record with more operations than sequence numbers";
      }
      if (problem != null) {
        throw corruption(record, problem);
      }
      apply(record, sequence++);
    }
    if (sequence <= record.lastSequence()) {
      throw corruption(record, "record with fewer operations than sequence numbers");
    }
  }

  private void apply(LogRecord record, long sequence) {
    ColumnFamilyState family = context.families().byId(reader.family());
    if (family == null) {
      if (!versions.hasGivenFamilyId(reader.family())) {
        throw corruption(record, "operation on a column family that never was");
      }
      return; // dropped since
    }
    if (sequence <= flushedSequences.get(family.id())) {
      return;
    }
    if (reader.kind() == ValueKind.MERGE && family.folding() == null) {
      throw corruption(record, "merge operand in a column family without merge operator");
    }
    MemTableRef memtable = family.readState().mutable();
    memtable.noteWrites(sequence, true);
    inserter.add(family, sequence, reader, record.array());
    memory.added(family);
  }

  private CorruptionException corruption(LogRecord record, String problem) {
    return new CorruptionException(
        context.directory().resolve(FileNames.log(record.segment())).toString(),
        record.position(),
        problem);
  }

  /**
   * Refuses a log whose oldest segments are gone although their entries are in no table, or which
   * ends before the place where it ended when the store was closed.
   */
  private void checkNothingMissing(LogFiles files, LogReport report) {
    if (context.options().salvageLog()) {
      return;
    }
    long end = report.tail().lastSequence();
    long endAtClose = versions.loggedAtClose().orElse(0);
    if (end < endAtClose) {
      LogReport.Cut cut = report.cut();
      throw new CorruptionException(
          cut == null ? files.directory().toString() : cut.file(),
          cut == null ? -1 : cut.offset(),
          "the end of the log is missing: it reached sequence "
              + endAtClose
              + " when the store was closed, now "
              + end
              + " (put back the newest .log files, or open with salvageLog to do without them)");
    }
    if (report.precedingSequence() > versions.lastSequence()) {
      throw new CorruptionException(
          files.directory().toString(),
          -1,
          "log segments before sequence " + report.precedingSequence() + " are missing");
    }
  }

  private void tellOfCut(LogReport report) {
    LogReport.Cut cut = report.cut();
    if (cut != null) {
      LOG.warn(
          "the end of the log was torn: cut {} at offset {}, {} bytes ({})",
          cut.file(),
          cut.offset(),
          cut.bytes(),
          cut.problem());
      context
          .events()
          .report(listener -> listener.onLogTruncated(cut.file(), cut.offset(), cut.bytes()));
    }
  }
}
