package io.lsmdb.bench.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.bench.compare.Records.KeyOrder;
import io.lsmdb.bench.compare.Records.WrongResultException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class RecordsTest {
  private static final int VALUE_BYTES = 40;

  private final Records records = new Records(KeyOrder.SCATTERED, VALUE_BYTES);

  @Test
  void keysAndValuesAreTheSameInEveryVersion() {
    assertEquals("910a2dec89025cc10000000000000001", hex(records.key(1)));
    assertEquals(
        "0000000001000002a105813f665f8ae2",
        hex(Arrays.copyOf(records.valueOf(1, 2), Records.STAMP_BYTES)));
    assertArrayEquals(
        new Records(KeyOrder.SCATTERED, VALUE_BYTES).valueOf(7, 3).clone(), records.valueOf(7, 3));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void aValueTellsItsKeyAndGeneration() {
    read(records.valueOf(5, 9));
    assertEquals(9, records.check(5, VALUE_BYTES));
    assertThrows(WrongResultException.class, () -> records.check(6, VALUE_BYTES));
    assertThrows(WrongResultException.class, () -> records.check(5, VALUE_BYTES - 1));
    assertThrows(WrongResultException.class, () -> records.check(5, -1));
  }

  @Test
  void everyChangedByteOfTheStampIsFound() {
    for (int i = 0; i < Records.STAMP_BYTES; i++) {
      read(records.valueOf(5, 9));
      records.value[i] ^= 1;
      assertThrows(WrongResultException.class, () -> records.check(5, VALUE_BYTES), "byte " + i);
    }
  }

  private void read(byte[] value) {
    System.arraycopy(value, 0, records.value, 0, value.length);
  }

  @Test
  void halfOfAValueIsRandom() {
    byte[] value = new Records(KeyOrder.SCATTERED, 1000).valueOf(3, 0);
    int zeros = 0;
    for (byte b : value) {
      zeros += b == 0 ? 1 : 0;
    }
    assertTrue(zeros > 450 && zeros < 550, zeros + " zeros");
  }

  @Test
  void sequentialKeysAreInOrderAndScatteredOnesAreNot() {
    Records sequential = new Records(KeyOrder.SEQUENTIAL, VALUE_BYTES);
    assertTrue(inOrder(sequential));
    assertTrue(!inOrder(records));
  }

  private static boolean inOrder(Records records) {
    byte[] last = records.key(0).clone();
    for (int i = 1; i < 100; i++) {
      byte[] key = records.key(i).clone();
      if (Arrays.compareUnsigned(last, key) >= 0) {
        return false;
      }
      last = key;
    }
    return true;
  }

  @Test
  void absentKeysLieBetweenThoseThatAreThere() {
    TreeSet<byte[]> keys = new TreeSet<>(Arrays::compareUnsigned);
    for (int i = 0; i < 100; i++) {
      keys.add(records.key(i).clone());
    }
    for (int i = 0; i < 100; i++) {
      byte[] absent = records.absentKey(i).clone();
      assertTrue(!keys.contains(absent));
      assertArrayEquals(records.key(i), keys.lower(absent));
    }
  }

  @Test
  void usersShareAPrefix() {
    Records byUser = new Records(KeyOrder.BY_USER, VALUE_BYTES);
    byte[] first = Arrays.copyOf(byUser.key(32), Long.BYTES);
    assertArrayEquals(first, Arrays.copyOf(byUser.key(47), Long.BYTES));
    assertNotEquals(hex(first), hex(Arrays.copyOf(byUser.key(48), Long.BYTES)));
  }

  @Test
  void valuesWithoutRoomForTheStampAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Records(KeyOrder.SEQUENTIAL, 15));
  }
}
