package io.lsmdb.bench.compare;

import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The workloads, named as the field names them, in the order in which they run. */
enum WorkloadName {
  FILLSEQ(1, Kind.FILL, "puts in key order into an empty store"),
  FILLBATCH(1, Kind.FILL, "puts in random order, atomic batches of 100; latency of a batch"),
  FILLSYNC(1, Kind.FILL, "durable puts into an empty store"),
  FILLRANDOM(1, Kind.FILL, "puts in random order into an empty store"),
  OVERWRITE(1, Kind.WRITE, "puts of random keys that are there, three a record"),
  READRANDOM(0, Kind.READ, "gets of random keys, after compaction"),
  READMISSING(0, Kind.READ, "gets of keys that are not there, between those that are"),
  READSKEWED(0, Kind.READ, "gets of keys by a Zipf distribution"),
  SEEKRANDOM(0, Kind.READ, "seek to a random key, then 10 steps; one cursor for all"),
  READSEQ(0, Kind.READ, "scan of all in key order; latency of 100 entries"),
  READREVERSE(0, Kind.READ, "scan of all backwards; latency of 100 entries"),
  PREFIXSCAN(0, Kind.READ, "scan of the 16 keys of a random user; a new cursor for each"),
  READWHILEWRITING(0, Kind.WRITE, "gets of random keys beside a writer with 20,000 puts a second"),
  READMODIFYWRITE(1, Kind.WRITE, "get, change, put of keys by a Zipf distribution"),
  SNAPSHOT(1, Kind.WRITE, "open a snapshot, overwrite a key, read it in the snapshot, close"),
  YCSB_A(0.5, Kind.WRITE, "half gets, half updates, Zipf"),
  YCSB_B(0.05, Kind.WRITE, "95 % gets, 5 % updates, Zipf"),
  YCSB_C(0, Kind.READ, "gets, Zipf"),
  YCSB_D(0.05, Kind.WRITE, "95 % gets of the newest, 5 % inserts"),
  YCSB_E(0.05, Kind.WRITE, "95 % scans of up to 100 entries from a Zipf key, 5 % inserts"),
  YCSB_F(0.5, Kind.WRITE, "half gets, half read-modify-writes, Zipf"),
  DELETEQUEUE(1, Kind.FILL, "put at the tail; find, read and delete the head of a queue"),
  MERGECOUNTER(1, Kind.FILL, "add 1 to one of 10,000 counters, Zipf; read every 16th time"),
  GETPUTCOUNTER(1, Kind.FILL, "the same by get and put, also where there is a merge"),
  LISTAPPEND(1, Kind.FILL, "append 100 bytes to one of 10,000 lists; read every 16th time"),
  REOPEN(0, Kind.FILL, "open after kill -9, with a log as large as a memtable"),
  WINDOWFETCH(1, Kind.FILL, "put a user's newest window, then fetch all of them by a new cursor"),
  FIRSTSCAN(0.998, Kind.FILL, "puts of random keys; every 500th time a new cursor, 10 steps"),
  FLUSHSMALL(100, Kind.FILL, "100 puts of random keys, then a flush; latency of all"),
  PARTITIONS(1, Kind.FILL, "get and put over 8 stores with 4 open cursors each"),
  FILLBATCH_1K(1, Kind.FILL, "puts in random order, atomic batches of 100; latency of a batch"),
  FILLRANDOM_1K(1, Kind.FILL, "puts in random order into an empty store"),
  OVERWRITE_1K(1, Kind.WRITE, "puts of random keys that are there, three a record"),
  FIRSTREADS_1K(0, Kind.FILL, "gets of random keys after compaction, while the cache fills"),
  READRANDOM_1K(0, Kind.READ, "gets of random keys, after compaction and a scan"),
  SEEKRANDOM_1K(0, Kind.READ, "seek to a random key, then 10 steps; one cursor for all"),
  READMODIFYWRITE_1K(1, Kind.WRITE, "get, change, put of keys by a Zipf distribution");

  private static final String LARGE_VALUES = "_1K";

  /** What a workload needs and leaves. */
  enum Kind {
    /** Begins with a store of its own. */
    FILL,
    /** Changes the store that was filled. */
    WRITE,
    /** Reads the store that was filled, after compaction. */
    READ
  }

  private final double puts;
  private final Kind kind;
  private final String description;

  WorkloadName(double puts, Kind kind, String description) {
    this.puts = puts;
    this.kind = kind;
    this.description = description;
  }

  Kind kind() {
    return kind;
  }

  /** Whether it ends after some time, other than the fills. */
  boolean isLimited() {
    return switch (this) {
      case FILLSEQ, FILLBATCH, FILLBATCH_1K, FILLRANDOM, FILLRANDOM_1K, REOPEN -> false;
      default -> true;
    };
  }

  /** Whether a step is a single operation of a user, so that a rate makes sense. */
  boolean isPaced() {
    return switch (this) {
      case FILLBATCH, FILLBATCH_1K, READSEQ, READREVERSE, FLUSHSMALL, REOPEN -> false;
      default -> true;
    };
  }

  /** Whether its values have {@link PlanOptions#LARGE_VALUE} bytes and the cache is small. */
  boolean hasLargeValues() {
    return name().endsWith(LARGE_VALUES);
  }

  /** Bytes of key and value that an operation puts, where plain entries have so many. */
  long entryBytes(long plain) {
    return switch (this) {
      case MERGECOUNTER, GETPUTCOUNTER -> Records.KEY_BYTES + Long.BYTES;
      case LISTAPPEND -> Records.KEY_BYTES + Merging.ELEMENT_BYTES;
      default -> plain;
    };
  }

  /** Puts in an operation, on average. */
  double puts() {
    return puts;
  }

  String description() {
    return description;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The workload of that name; throws when there is none. */
  static WorkloadName of(String text) {
    return Arrays.stream(values())
        .filter(workload -> workload.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'" + text + "' is none of " + Arrays.toString(values())));
  }

  /** For options. */
  static final class Converter implements ITypeConverter<WorkloadName> {
    @Override
    public WorkloadName convert(String text) {
      try {
        return of(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
