package io.lsmdb.internal.wal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;

/** A log under test beside the list of what was appended to it. */
final class LogHarness {
  static final Path DIRECTORY = Path.of("/db");
  static final long LOG_ID = 0x1122334455667788L;

  /** What was appended. */
  record Item(long first, long last, byte[] payload) {}

  final FileSystem fs;
  final LogFiles files;
  final List<Throwable> backgroundFailures = new ArrayList<>();
  final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

  /** Whether background work waits for {@link #runBackground}. */
  boolean deferred;

  int firstSize = 1024;
  int maxSize = 4096;
  boolean ordinary;
  boolean salvage;

  /** All that append was called for, in order; the last one may not have returned. */
  final List<Item> appended;

  /** How many of these are durable for certain. */
  int durable;

  /** Index of the first one that has not been given up by retiring its segment. */
  int needed;

  long sequence;
  Random random;
  List<Item> recovered = new ArrayList<>();
  LogReport report;
  SegmentPool pool;
  LogWriter writer;

  LogHarness(FileSystem fs, long seed) {
    this(fs, seed, new ArrayList<>());
  }

  private LogHarness(FileSystem fs, long seed, List<Item> appended) {
    this.fs = fs;
    this.files = new LogFiles(fs, DIRECTORY, LOG_ID);
    this.random = new Random(seed);
    this.appended = appended;
    if (!fs.exists(DIRECTORY)) {
      fs.createDirectories(DIRECTORY);
    }
  }

  /** The same expectations on another file system, usually a crash image. */
  LogHarness on(FileSystem other) {
    LogHarness copy = new LogHarness(other, random.nextLong(), new ArrayList<>(appended));
    copy.firstSize = firstSize;
    copy.maxSize = maxSize;
    copy.ordinary = ordinary;
    copy.salvage = salvage;
    copy.durable = durable;
    copy.needed = needed;
    copy.sequence = sequence;
    return copy;
  }

  LogSettings settings() {
    Executor executor = deferred ? waiting::add : Runnable::run;
    return new LogSettings(
        firstSize, maxSize, ordinary, random::nextLong, executor, backgroundFailures::add);
  }

  void runBackground() {
    while (!waiting.isEmpty()) {
      waiting.removeFirst().run();
    }
  }

  /** Reads the log without changing it. */
  LogReplay replay() {
    recovered = new ArrayList<>();
    LogReplay replay = new LogReplay(files, salvage);
    report =
        replay.run(
            files.segmentNumbers(),
            r ->
                recovered.add(
                    new Item(
                        r.firstSequence(),
                        r.lastSequence(),
                        Arrays.copyOfRange(r.array(), r.offset(), r.offset() + r.length()))));
    return replay;
  }

  /** Reads the log, seals it, and continues behind what was found. */
  void open() {
    LogReplay replay = replay();
    LogTail tail = replay.seal(report);
    pool = new SegmentPool(files, settings(), report.highestNumber() + 1);
    writer = new LogWriter(pool, tail, report.segments());
  }

  void close() {
    writer.close();
    pool.close();
    durable = appended.size();
  }

  long append(int length, boolean sync) {
    skipSequences(random.nextInt(3));
    return append(length, random.nextInt(4), sync);
  }

  /** Uses sequence numbers up, as writes that are not logged do. */
  void skipSequences(long count) {
    sequence += count;
  }

  /** Appends a record whose sequence numbers begin with the next one. */
  long append(int length, long span, boolean sync) {
    byte[] payload = new byte[length + 10];
    long first = sequence + 1;
    long last = first + span;
    new Random(first).nextBytes(payload);
    byte[] content = Arrays.copyOfRange(payload, 5, 5 + length);
    sequence = last;
    appended.add(new Item(first, last, content));
    long segment = writer.append(payload, 5, length, first, last, sync);
    if (sync) {
      durable = appended.size();
    }
    return segment;
  }

  /** Where the next record of the newest segment goes. */
  int used() {
    List<SegmentInfo> live = writer.liveSegments();
    return (int) live.get(live.size() - 1).length();
  }

  /** Takes back the note of an append that was refused. */
  void forgetLast() {
    appended.remove(appended.size() - 1);
  }

  void sync() {
    writer.sync();
    durable = appended.size();
  }

  /** Appends small and large records, synced now and then. */
  void appendSome(int count) {
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(20);
      int length =
          kind == 0
              ? maxSize / 4 + 1 + random.nextInt(maxSize)
              : kind < 4 ? 1 + random.nextInt(maxSize / 4) : 1 + random.nextInt(100);
      append(length, random.nextInt(8) == 0);
      if (random.nextInt(16) == 0) {
        sync();
      }
    }
  }

  /** Gives up all but the newest segments. */
  void retireAllBut(int count) {
    List<SegmentInfo> live = writer.liveSegments();
    if (live.size() <= count) {
      return;
    }
    for (SegmentInfo segment : live.subList(0, live.size() - count)) {
      while (needed < appended.size() && appended.get(needed).last() <= segment.lastSequence()) {
        needed++;
      }
    }
    writer.retire(live.get(live.size() - count).number(), Long.MAX_VALUE);
  }

  /**
   * Checks that what was recovered is a run of what was appended that leaves out nothing needed.
   */
  void checkPrefix() {
    assertTrue(recovered.size() <= appended.size(), "more records than were appended");
    int from = 0;
    if (!recovered.isEmpty()) {
      long first = recovered.get(0).first();
      while (from < appended.size() && appended.get(from).first() != first) {
        from++;
      }
      assertTrue(from <= needed, "records lost at the start: begins with " + from);
    }
    for (int i = 0; i < recovered.size(); i++) {
      assertTrue(from + i < appended.size(), "more records than were appended");
      assertSame(appended.get(from + i), recovered.get(i));
    }
    int end = recovered.isEmpty() ? needed : from + recovered.size();
    assertTrue(end >= durable, "durable records lost: " + end + " of " + durable);
  }

  void checkAll() {
    checkPrefix();
    int missing = appended.size() - recovered.size();
    assertTrue(missing <= needed, missing + " records missing, " + needed + " given up");
  }

  static void assertSame(Item expected, Item actual) {
    assertEquals(expected.first(), actual.first());
    assertEquals(expected.last(), actual.last());
    assertArrayEquals(expected.payload(), actual.payload());
  }

  static void assertSameItems(List<Item> expected, List<Item> actual) {
    assertEquals(expected.size(), actual.size());
    for (int i = 0; i < expected.size(); i++) {
      assertSame(expected.get(i), actual.get(i));
    }
  }

  byte[] read(long segment) {
    Path file = files.segment(segment);
    try (ReadableFile in = fs.openForRead(file)) {
      byte[] bytes = new byte[(int) in.size()];
      assertEquals(bytes.length, in.read(0, bytes, 0, bytes.length));
      return bytes;
    }
  }

  void replace(long segment, byte[] content) {
    Path file = files.segment(segment);
    if (fs.exists(file)) {
      fs.delete(file);
    }
    try (WritableFile out = fs.create(file)) {
      out.append(content, 0, content.length);
      out.force();
    }
    fs.forceDirectory(DIRECTORY);
  }
}
