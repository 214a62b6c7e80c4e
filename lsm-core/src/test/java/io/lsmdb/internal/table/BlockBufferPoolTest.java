package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.internal.base.ReaderEpochs;
import io.lsmdb.internal.base.ValueKind;
import io.lsmdb.internal.key.InternalKey;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class BlockBufferPoolTest {
  private final BlockBufferPool pool = new BlockBufferPool();
  private final Epochs epochs = new Epochs();

  @Test
  void arrayIsHandedOutWhenItsEpochHasPassed() {
    DataBlock block = block(4096);
    pool.add(block, epochs);
    assertNull(pool.take(4096));
    epochs.passed = true;
    byte[] frame = pool.take(4096);
    assertSame(block.data, frame);
    assertEquals((byte) 0xDB, frame[0], "overwritten, where assertions are enabled");
    assertNull(pool.take(4096), "handed out once");
    assertEquals(0, pool.bytes());
  }

  @Test
  void blocksWaitForTheirOwnEpochsInOrder() {
    Epochs slow = new Epochs();
    DataBlock first = block(1024);
    DataBlock second = block(1024);
    pool.add(first, epochs);
    pool.add(second, slow);
    epochs.passed = true;
    assertSame(first.data, pool.take(1024));
    assertNull(pool.take(1024));
    slow.passed = true;
    assertSame(second.data, pool.take(1024));
  }

  @Test
  void heldBlockKeepsItsArray() {
    DataBlock held = block(1024);
    assertTrue(held.hold());
    assertTrue(held.hold());
    held.letGo();
    pool.add(held, epochs);
    epochs.passed = true;
    assertNull(pool.take(1024));
    assertEquals(0, pool.bytes());
    assertTrue(held.hold(), "still readable");

    DataBlock released = block(1024);
    assertTrue(released.hold());
    pool.add(released, epochs);
    released.letGo();
    assertSame(released.data, pool.take(1024));
    assertFalse(released.hold(), "too late");
  }

  @Test
  void arrayFitsWithoutWastingMuch() {
    epochs.passed = true;
    assertEquals(8448, BlockBufferPool.frameSize(8193));
    assertEquals(8192, BlockBufferPool.frameSize(8192));
    pool.add(block(8192), epochs);
    assertNull(pool.take(8193), "too short");
    assertNull(pool.take(7000), "too long");
    assertEquals(8192, pool.take(7800).length);
    assertEquals(
        1_000_003, BlockBufferPool.frameSize(1_000_003), "large ones are as long as need be");
    pool.add(block(1 << 20), epochs);
    pool.add(block(1000), epochs);
    assertEquals(0, pool.bytes(), "neither large ones nor those of other lengths are kept");
  }

  @Test
  void everythingCanBeDropped() {
    epochs.passed = true;
    pool.add(block(256), epochs);
    pool.add(block(512), epochs);
    pool.add(block(512), epochs);
    assertEquals(256, pool.take(256).length); // the others are free now
    Epochs slow = new Epochs();
    pool.add(block(768), slow);
    pool.add(block(768), slow);
    assertEquals(2 * 512 + 2 * 768 + 4 * BlockBufferPool.OVERHEAD_BYTES, pool.bytes());
    pool.dropOne();
    pool.dropOne();
    assertEquals(2 * 768 + 2 * BlockBufferPool.OVERHEAD_BYTES, pool.bytes(), "the free ones first");
    pool.dropOne();
    pool.dropOne();
    assertEquals(0, pool.bytes());
    slow.passed = true;
    assertNull(pool.take(768));
  }

  /** A block of one entry, in an array of a length. */
  private static DataBlock block(int length) {
    DataBlockBuilder builder = new DataBlockBuilder();
    long trailer = InternalKey.trailer(1, ValueKind.PUT);
    builder.add(trailer, true, 1, new byte[] {1}, 0, 1, new byte[20], 0, 20);
    int size = builder.encode();
    BlockTrailer.Place place =
        new BlockTrailer.Place("t.sst", 1, 0, 0, BlockTrailer.DATA, BlockTrailer.MAX_DATA_BYTES);
    return new DataBlock(place, Arrays.copyOf(builder.encoded(), length), size);
  }

  /** One epoch, which passes on demand. */
  private static final class Epochs implements ReaderEpochs {
    boolean passed;

    @Override
    public int epoch() {
      return 7;
    }

    @Override
    public boolean hasPassed(int epoch) {
      assertEquals(7, epoch);
      return passed;
    }
  }
}
