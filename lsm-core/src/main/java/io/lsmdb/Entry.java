package io.lsmdb;

import java.util.Arrays;
import java.util.Objects;

/**
 * A key with its value, both copies that belong to the caller.
 *
 * <p>Equal to another entry when the bytes are equal.
 */
public final class Entry {
  private final byte[] key;
  private final byte[] value;

  /**
   * Creates an entry; the arrays are not copied.
   *
   * @param key the key, not null
   * @param value the value, not null
   */
  public Entry(byte[] key, byte[] value) {
    this.key = Objects.requireNonNull(key, "key");
    this.value = Objects.requireNonNull(value, "value");
  }

  /**
   * The key.
   *
   * @return not a copy
   */
  public byte[] key() {
    return key;
  }

  /**
   * The value.
   *
   * @return not a copy
   */
  public byte[] value() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Entry entry
        && Arrays.equals(key, entry.key)
        && Arrays.equals(value, entry.value);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return "Entry[key of " + key.length + " bytes, value of " + value.length + " bytes]";
  }
}
