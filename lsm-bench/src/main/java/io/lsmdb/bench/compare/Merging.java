package io.lsmdb.bench.compare;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What a store's merge operator does, with the same done by reading and writing, for engines that
 * have no merge operators. Stateless.
 */
enum Merging {
  /** The store has no merge operator. */
  NONE,
  /** Adds to counters of eight bytes. */
  COUNTERS,
  /** Appends to lists of elements of {@link #ELEMENT_BYTES}. */
  LISTS;

  /** Length of a list's element. */
  static final int ELEMENT_BYTES = 100;

  /** Adds one to a counter by reading and writing it. */
  static void countByPut(BenchEngine engine, byte[] key) throws Exception {
    byte[] value = new byte[Long.BYTES];
    int length = engine.get(key, value);
    ByteBuffer number = ByteBuffer.wrap(value);
    engine.put(key, number.putLong(0, length < 0 ? 1 : number.getLong(0) + 1).array());
  }

  /** What {@link #countByPut} has made of a counter. */
  static long countedByPut(BenchEngine engine, byte[] key) throws Exception {
    byte[] value = new byte[Long.BYTES];
    return engine.get(key, value) < 0 ? 0 : ByteBuffer.wrap(value).getLong();
  }

  /** Appends an element to a list by reading and writing it. */
  static void appendByPut(BenchEngine engine, byte[] key, byte[] element) throws Exception {
    byte[] list = new byte[0];
    int length = engine.get(key, list);
    if (length > 0) {
      list = new byte[length];
      engine.get(key, list);
    }
    byte[] longer = Arrays.copyOf(list, list.length + element.length);
    System.arraycopy(element, 0, longer, list.length, element.length);
    engine.put(key, longer);
  }
}
