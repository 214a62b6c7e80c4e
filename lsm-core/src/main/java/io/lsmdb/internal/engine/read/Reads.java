package io.lsmdb.internal.engine.read;

import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.ValueReader;
import io.lsmdb.internal.base.BatchEncoder;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.EmptyRanges;
import io.lsmdb.internal.engine.family.FamilyRegistry;
import io.lsmdb.internal.engine.family.ReadState;
import io.lsmdb.internal.engine.family.VisibleSequence;
import io.lsmdb.internal.engine.runtime.LeakDetector;
import io.lsmdb.internal.engine.runtime.ReadGate;
import io.lsmdb.internal.iterator.InternalIterator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The read operations, at a given sequence or at that of now.
 *
 * <p>Thread-safe; readers take no lock and wait for nobody.
 */
// The order of loads. A reader of now loads the read family, then the visible sequence, and then
// checks that the read state is still the same. The leader seals a memtable (a new read family)
// before it inserts into the fresh one and before it publishes the sequence of what it inserted; a
// reader that sees that sequence therefore sees the new read state on the second look, and starts
// again. The other way round, a version that a compaction has dropped was hidden by one at or
// below the visible sequence, and the sequence is loaded after the read state: what is read is
// never older than what the read state still holds. A snapshot's sequence is registered, so that
// compaction keeps what it sees in every later read family.
public final class Reads {
  /** In place of a sequence: whatever is visible now. */
  public static final long NOW = -1;

  private final ReadEnv env;
  private final ReadGate gate;
  private final FamilyRegistry families;
  private final VisibleSequence visible;
  private final PointLookup lookup;
  private final FamilyCursors cursors;
  private final LeakDetector leaks = new LeakDetector();

  public Reads(ReadEnv env, PointLookup lookup, FamilyCursors cursors) {
    this.env = env;
    this.gate = env.gate();
    this.families = env.families();
    this.visible = env.visible();
    this.lookup = lookup;
    this.cursors = cursors;
  }

  LeakDetector leaks() {
    return leaks;
  }

  /** Throws once the store is closed. */
  void checkOpen() {
    gate.checkOpen();
  }

  public byte[] get(ColumnFamilyState family, byte[] key, long sequence) {
    Objects.requireNonNull(key, "key");
    int token = gate.enter();
    try {
      LookupResult found = new LookupResult();
      return find(family, key, 0, key.length, sequence, found) ? copy(found) : null;
    } finally {
      gate.exit(token);
    }
  }

  public <T> T get(ColumnFamilyState family, byte[] key, ValueReader<T> reader, long sequence) {
    Objects.requireNonNull(key, "key");
    if (reader == null) {
      throw new NullPointerException("reader");
    }
    int token = gate.enter();
    try {
      LookupResult found = new LookupResult();
      if (!find(family, key, 0, key.length, sequence, found)) {
        return null;
      }
      int slot = env.callbacks().enter();
      try {
        return reader.read(ByteViews.view(found.valueArray, found.valueOffset, found.valueLength));
      } finally {
        env.callbacks().exit(slot);
      }
    } finally {
      gate.exit(token);
    }
  }

  public int get(ColumnFamilyState family, byte[] key, byte[] into, long sequence) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(into, "into");
    int token = gate.enter();
    try {
      LookupResult found = new LookupResult();
      if (!find(family, key, 0, key.length, sequence, found)) {
        return -1;
      }
      return ByteViews.copy(found.valueArray, found.valueOffset, found.valueLength, into);
    } finally {
      gate.exit(token);
    }
  }

  public int get(ColumnFamilyState family, ByteBuffer key, ByteBuffer into, long sequence) {
    int length = Objects.requireNonNull(key, "key").remaining();
    Objects.requireNonNull(into, "into");
    int room = into.remaining();
    byte[] array;
    int offset;
    if (key.hasArray()) {
      array = key.array();
      offset = key.arrayOffset() + key.position();
    } else {
      array = new byte[length];
      offset = 0;
      key.get(key.position(), array);
    }
    int token = gate.enter();
    try {
      LookupResult found = new LookupResult();
      if (!find(family, array, offset, length, sequence, found)) {
        return -1;
      }
      into.put(found.valueArray, found.valueOffset, Math.min(found.valueLength, room));
      return found.valueLength;
    } finally {
      gate.exit(token);
    }
  }

  public boolean containsKey(ColumnFamilyState family, byte[] key, long sequence) {
    Objects.requireNonNull(key, "key");
    int token = gate.enter();
    try {
      family.checkNotDropped();
      View view = view(family, sequence);
      return !isTooLong(key.length)
          && lookup.contains(view.read(), key, 0, key.length, view.at(), new LookupResult());
    } finally {
      gate.exit(token);
    }
  }

  public boolean mayContain(ColumnFamilyState family, byte[] key, long sequence) {
    Objects.requireNonNull(key, "key");
    int token = gate.enter();
    try {
      family.checkNotDropped();
      View view = view(family, sequence);
      return !isTooLong(key.length) && lookup.mayContain(view.read(), key, view.at());
    } finally {
      gate.exit(token);
    }
  }

  public long approximateSize(ColumnFamilyState family, byte[] from, byte[] to) {
    int token = gate.enter();
    try {
      family.checkNotDropped();
      ReadState read = family.readState();
      return read.version().approximateSize(env.tables(), from, to);
    } finally {
      gate.exit(token);
    }
  }

  public long entryCount(ColumnFamilyState family) {
    int token = gate.enter();
    try {
      family.checkNotDropped();
      if (family.entryCount() == null) {
        throw new IllegalStateException(
            "the column family "
                + family.name()
                + " of "
                + families.token()
                + " does not count its entries; open it with ColumnFamilyOptions.countEntries");
      }
      return family.entryCount().at(visible);
    } finally {
      gate.exit(token);
    }
  }

  public List<byte[]> multiGet(ColumnFamilyState family, List<byte[]> keys, long sequence) {
    for (byte[] key : Objects.requireNonNull(keys, "keys")) {
      Objects.requireNonNull(key, "key");
    }
    List<byte[]> values = new ArrayList<>(keys.size());
    int token = gate.enter();
    try {
      family.checkNotDropped();
      View view = view(family, sequence);
      long now = family.clock().now();
      LookupResult found = new LookupResult();
      for (byte[] key : keys) {
        boolean present =
            !isTooLong(key.length)
                && lookup.find(view.read(), key, 0, key.length, view.at(), now, found);
        values.add(present ? copy(found) : null);
      }
      return values;
    } finally {
      gate.exit(token);
    }
  }

  /** Whether no key can be that long, so that it is absent. */
  private static boolean isTooLong(int keyLength) {
    return keyLength > BatchEncoder.MAX_KEY_LENGTH;
  }

  /** Looks one key up; inside the gate. */
  private boolean find(
      ColumnFamilyState family,
      byte[] key,
      int offset,
      int length,
      long sequence,
      LookupResult found) {
    family.checkNotDropped();
    if (isTooLong(length)) {
      return false;
    }
    ReadState read;
    long at;
    do {
      read = family.readState();
      at = settle(sequence, family, read);
    } while (at == NOW);
    return lookup.find(read, key, offset, length, at, found);
  }

  /** A read family, and the sequence to read it at. */
  private record View(ReadState read, long at) {}

  /** What a reader at a sequence, or of {@link #NOW}, reads; inside the gate. */
  private View view(ColumnFamilyState family, long sequence) {
    while (true) {
      ReadState read = family.readState();
      long at = settle(sequence, family, read);
      if (at != NOW) {
        return new View(read, at);
      }
    }
  }

  /** The sequence to read at in a read family, or {@link #NOW} when that has been replaced. */
  private long settle(long sequence, ColumnFamilyState family, ReadState read) {
    if (sequence != NOW) {
      return sequence;
    }
    long now = visible.get();
    return family.readState() == read ? now : NOW;
  }

  private static byte[] copy(LookupResult found) {
    return Arrays.copyOfRange(
        found.valueArray, found.valueOffset, found.valueOffset + found.valueLength);
  }

  /**
   * Opens a cursor.
   *
   * @param family the family
   * @param options bounds
   * @param sequence asked at each opening: where to read, or {@link #NOW}; may throw
   * @return to be closed by the user
   */
  public DbIterator iterate(ColumnFamilyState family, ReadOptions options, LongSupplier sequence) {
    if (options == null) {
      throw new NullPointerException("options");
    }
    family.checkNotDropped();
    return new UserIterator(
        new FamilySource(family, sequence, options), options, family.folding(), leaks);
  }

  /** What a cursor of a family reads from. */
  private final class FamilySource implements CursorSource {
    private final ColumnFamilyState family;
    private final LongSupplier sequence;
    private final ReadOptions options;

    FamilySource(ColumnFamilyState family, LongSupplier sequence, ReadOptions options) {
      this.family = family;
      this.sequence = sequence;
      this.options = options;
    }

    @Override
    public Opened open() {
      int token = gate.enter();
      try {
        family.checkNotDropped();
        View view = view(family, sequence.getAsLong());
        ReadState read = view.read();
        // The clock and the filters of tables may fail, so nothing is pinned before.
        long now = family.clock().now();
        InternalIterator cursor = cursors.open(family, options, read, view.at());
        read.retain();
        try {
          // Throws if the snapshot is closed by now, and so has not pinned it all the time.
          var unused = sequence.getAsLong();
        } catch (RuntimeException e) {
          cursor.close();
          read.release();
          throw e;
        }
        return new Opened(cursor, view.at(), now, read);
      } finally {
        gate.exit(token);
      }
    }

    @Override
    public void seeksOften(ReadState pinned) {
      cursors.seeksOften(pinned);
    }

    @Override
    public EmptyRanges emptyRanges() {
      return family.emptyRanges();
    }

    @Override
    public void steppedOver(long entries) {
      env.stats().steppedOver(entries);
    }

    @Override
    public void checkOpen() {
      gate.checkOpen();
    }
  }
}
