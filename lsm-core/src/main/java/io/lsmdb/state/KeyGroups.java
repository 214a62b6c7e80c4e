package io.lsmdb.state;

import java.util.Objects;
import java.util.function.ToIntFunction;

/**
 * The key groups of a state: each key belongs to one, whose number begins the stored key, so that a
 * group is one range of a family.
 *
 * <p>Immutable, hence thread-safe where its function is. The number takes one byte for up to 256
 * groups, else two, big-endian.
 */
public final class KeyGroups {
  /** No groups: stored keys begin with the key itself. */
  public static final KeyGroups NONE = new KeyGroups(0, key -> 0);

  private static final int MAX_COUNT = 1 << 16;
  private static final int FNV_OFFSET = 0x811C9DC5;
  private static final int FNV_PRIME = 0x01000193;

  private final int count;
  private final ToIntFunction<byte[]> groupOf;

  private KeyGroups(int count, ToIntFunction<byte[]> groupOf) {
    this.count = count;
    this.groupOf = groupOf;
  }

  /**
   * Groups by a hash that never changes: FNV-1a of 32 bits over the key's bytes, taken as unsigned,
   * modulo the number of groups.
   *
   * @param count number of groups, 1 to 65,536
   * @return the groups
   * @throws IllegalArgumentException if it is outside these bounds
   */
  public static KeyGroups of(int count) {
    return of(count, key -> Integer.remainderUnsigned(hash(key), count));
  }

  /**
   * Groups by a function of the caller's.
   *
   * @param count number of groups, 1 to 65,536
   * @param groupOf gives the group of a key in its serialized form, 0 to {@code count - 1}; must
   *     never change
   * @return the groups
   * @throws IllegalArgumentException if the count is outside its bounds
   */
  public static KeyGroups of(int count, ToIntFunction<byte[]> groupOf) {
    if (count < 1 || count > MAX_COUNT) {
      throw new IllegalArgumentException("there are " + count + " key groups; give 1 to 65536");
    }
    return new KeyGroups(count, Objects.requireNonNull(groupOf, "groupOf"));
  }

  private static int hash(byte[] key) {
    int hash = FNV_OFFSET;
    for (byte b : key) {
      hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }

  /**
   * How many bytes the number of a group takes.
   *
   * @return 0 to 2
   */
  public int prefixLength() {
    return count == 0 ? 0 : count <= 256 ? 1 : 2;
  }

  /**
   * What the stored keys of a group begin with: the way to read or delete it as a whole.
   *
   * @param group its number
   * @return {@link #prefixLength()} bytes
   * @throws IllegalArgumentException if there is no such group
   */
  public byte[] prefix(int group) {
    if (group < 0 || group >= Math.max(count, 1)) {
      throw new IllegalArgumentException("key group " + group + " is not below " + count);
    }
    return switch (prefixLength()) {
      case 0 -> new byte[0];
      case 1 -> new byte[] {(byte) group};
      default -> new byte[] {(byte) (group >>> 8), (byte) group};
    };
  }

  byte[] prefixOf(byte[] key) {
    return prefix(groupOf.applyAsInt(key));
  }
}
