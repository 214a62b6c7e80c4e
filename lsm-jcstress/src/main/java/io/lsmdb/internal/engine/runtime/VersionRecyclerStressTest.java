package io.lsmdb.internal.engine.runtime;

import io.lsmdb.internal.base.Bytes;
import io.lsmdb.internal.base.LookupResult;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.memtable.ChunkPool;
import io.lsmdb.internal.memtable.MemTable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A counter is replaced so often that its memory is used again: a reader inside the gate finds the
 * version of the sequence that it read at, whole.
 *
 * <p>The results: how far the sequence found is from the one asked for, -1 for none found; whether
 * the value is that of its sequence, before and after the reader went on; the sequence of the first
 * version, which it finds by walking on from there.
 */
@JCStressTest
@Outcome(id = "0, 1, 1", expect = Expect.ACCEPTABLE, desc = "Found, and left alone.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Missed, or used again while it was read.")
@State
public class VersionRecyclerStressTest {
  private static final int CHANGES = 200;
  private static final byte[] KEY = {1, 2, 3};
  private static final ChunkPool POOL = new ChunkPool(0);

  private final ReadGate gate = new ReadGate("store");
  private volatile long visible;
  private final MemTable table = new MemTable(POOL, true, new GateReaders(gate, () -> visible));

  /** Stores the first version. */
  public VersionRecyclerStressTest() {
    change();
  }

  private void change() {
    long sequence = visible + 1;
    byte[] value = new byte[2 * Long.BYTES];
    Bytes.putLong(value, 0, sequence);
    Bytes.putLong(value, Long.BYTES, -sequence);
    long trailer = InternalKey.trailer(sequence, ValueKind.PUT);
    int entry = table.find(KEY, 0, KEY.length);
    if (entry == 0) {
      table.add(trailer, KEY, 0, KEY.length, value, 0, value.length);
    } else {
      table.addTo(entry, trailer, KEY.length, value, 0, value.length);
    }
    visible = sequence;
  }

  /** Changes the counter. */
  @Actor
  public void writer() {
    for (int i = 0; i < CHANGES; i++) {
      change();
    }
  }

  /**
   * Reads at what is visible.
   *
   * @param r what it found
   */
  @Actor
  public void reader(III_Result r) {
    int token = gate.enter();
    long at = visible;
    long search = InternalKey.searchTrailer(at);
    LookupResult found = new LookupResult();
    r.r1 = -1;
    if (table.get(KEY, 0, KEY.length, search, found)) {
      boolean whole = isOf(found, at);
      r.r1 = (int) (at - InternalKey.sequence(found.trailer));
      LookupResult older = new LookupResult();
      older.set(found.trailer, found.valueArray, found.valueOffset, found.valueLength);
      older.place = found.place;
      boolean isFirst = at == 1 || table.getOlder(InternalKey.searchTrailer(1), older);
      r.r2 = whole && isOf(found, at) ? 1 : 0;
      r.r3 = isFirst && isOf(older, 1) ? (int) InternalKey.sequence(older.trailer) : 0;
    }
    gate.exit(token);
  }

  private static boolean isOf(LookupResult found, long sequence) {
    byte[] array = found.valueArray;
    return Bytes.getLong(array, found.valueOffset) == sequence
        && Bytes.getLong(array, found.valueOffset + Long.BYTES) == -sequence;
  }
}
