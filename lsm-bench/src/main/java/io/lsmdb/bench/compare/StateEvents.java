package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Records.WrongResultException;

/**
 * The events of a state store: each gets, changes and puts one key, a few scan or delete as well.
 *
 * <p>Not thread-safe. Keys follow a Zipf distribution; {@link Records#KEYS_PER_USER} share a
 * prefix. All that is read is checked against what was written last, which takes 4 bytes of heap a
 * key.
 */
final class StateEvents {
  /** Events of 100 that delete their key instead of putting it; the next one brings it back. */
  static final int DELETES_IN_100 = 1;

  /** Events of 100 that scan all keys of their user as well. */
  static final int SCANS_IN_100 = 2;

  private static final int GENERATIONS = 1 << 24;

  private final BenchEngine engine;
  private final Records records;
  private final Choice keys;
  private final Choice dice;

  /** The generation of each key; its complement, which is negative, when the key is deleted. */
  private final int[] newest;

  private long entries;
  private long puts;

  /**
   * Events on an empty store.
   *
   * @param seed of the choice of keys
   */
  StateEvents(BenchEngine engine, StoreOptions options, long seed) {
    this.engine = engine;
    this.records = new Records(KeyOrder.BY_USER, options.valueBytes());
    this.keys = Choice.freshlySkewed(options.records, seed);
    this.dice = Choice.uniform(100, seed + 1);
    this.newest = new int[options.records];
  }

  /** Puts the first value of some keys, from a number on, in one batch; the next number. */
  long fill(long from, int count) throws Exception {
    int size = (int) Math.min(count, newest.length - from);
    byte[][] batchKeys = new byte[size][];
    byte[][] values = new byte[size][];
    for (int i = 0; i < size; i++) {
      batchKeys[i] = records.key(from + i).clone();
      values[i] = records.valueOf(from + i, 0).clone();
    }
    engine.putBatch(batchKeys, values);
    entries += size;
    return from + size;
  }

  /** Handles one event. */
  void handle() throws Exception {
    int number = (int) keys.next();
    int before = newest[number];
    checkGot(number, engine.get(records.key(number), records.value));
    int roll = dice.percent();
    if (roll < DELETES_IN_100 && before >= 0) {
      engine.delete(records.key(number));
      newest[number] = ~before;
      entries--;
    } else {
      int generation = ((before < 0 ? ~before : before) + 1) % GENERATIONS;
      engine.put(records.key(number), records.valueOf(number, generation));
      newest[number] = generation;
      entries += before < 0 ? 1 : 0;
      puts++;
    }
    if (roll >= 100 - SCANS_IN_100) {
      scan(number);
    }
  }

  private void checkGot(int number, int length) {
    if (newest[number] >= 0) {
      checkGeneration(number, records.check(number, length));
    } else if (length >= 0) {
      throw new WrongResultException("key " + number + " is there though it was deleted");
    }
  }

  private void checkGeneration(int number, long generation) {
    if (generation != newest[number]) {
      throw new WrongResultException(
          "key " + number + " has value " + generation + " instead of " + newest[number]);
    }
  }

  /** Reads all keys of a user. */
  private void scan(int number) throws Exception {
    int first = number / Records.KEYS_PER_USER * Records.KEYS_PER_USER;
    int end = Math.min(first + Records.KEYS_PER_USER, newest.length);
    byte[] prefix = new byte[Long.BYTES];
    System.arraycopy(records.key(first), 0, prefix, 0, prefix.length);
    int expected = first;
    try (BenchEngine.Cursor cursor = engine.cursor()) {
      boolean valid = cursor.seek(prefix);
      while (true) {
        while (expected < end && newest[expected] < 0) {
          expected++;
        }
        if (expected == end) {
          break;
        }
        long found = valid ? Workloads.read(cursor, records) : -1;
        if (found != expected) {
          throw new WrongResultException("a scan found key " + found + ", not " + expected);
        }
        checkGeneration(expected, records.generation());
        expected++;
        valid = cursor.next();
      }
    }
  }

  /** Keys that are there. */
  long entries() {
    return entries;
  }

  /** Puts of events so far. */
  long puts() {
    return puts;
  }
}
