package io.lsmdb.internal.table;

import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A cursor holds a block, reads it and lets it go, while its array is to be used again: the cursor
 * reads it as it was, or learns that it is too late.
 *
 * <p>The results: the first two bytes that the cursor saw, -1 when it was too late; whether the
 * array was written to.
 */
@JCStressTest
@Outcome(id = "1, 1, 0", expect = Expect.ACCEPTABLE, desc = "Held, and left alone.")
@Outcome(id = "1, 1, 1", expect = Expect.ACCEPTABLE, desc = "Let go before it was used again.")
@Outcome(id = "-1, -1, 1", expect = Expect.ACCEPTABLE, desc = "Too late.")
@Outcome(expect = Expect.FORBIDDEN, desc = "Used again while it was held, or lost.")
@State
public class HeldBlockReuseTest {
  private final DataBlock block = block();

  private static DataBlock block() {
    DataBlockBuilder builder = new DataBlockBuilder();
    long trailer = InternalKey.trailer(1, ValueKind.PUT);
    builder.add(trailer, true, 1, new byte[] {5}, 0, 1, new byte[20], 0, 20);
    int size = builder.encode();
    BlockTrailer.Place place =
        new BlockTrailer.Place("t.sst", 1, 0, 0, BlockTrailer.DATA, BlockTrailer.MAX_DATA_BYTES);
    byte[] data = Arrays.copyOf(builder.encoded(), size);
    DataBlock decoded = new DataBlock(place, data, size);
    data[0] = 1;
    data[1] = 1;
    return decoded;
  }

  /**
   * Reads the block while holding it.
   *
   * @param r what it saw
   */
  @Actor
  public void cursor(III_Result r) {
    if (block.hold()) {
      r.r1 = block.data[0];
      r.r2 = block.data[1];
      block.letGo();
    } else {
      r.r1 = -1;
      r.r2 = -1;
    }
  }

  /**
   * Uses the array again if it may.
   *
   * @param r whether it did
   */
  @Actor
  public void evictor(III_Result r) {
    byte[] frame = block.takeArray();
    if (frame != null) {
      frame[0] = 9;
      frame[1] = 9;
      r.r3 = 1;
    }
  }
}
