package io.lsmdb.power;

import io.lsmdb.power.Step.Change;
import io.lsmdb.power.Step.ChangeType;
import io.lsmdb.power.Step.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The steps of all writers. Each follows from the seed, its writer and its number, so that the
 * state after any number of steps can be told. A writer has keys of its own.
 *
 * <p>Immutable.
 *
 * @param seed of everything
 */
record Workload(long seed) {
  static final List<String> FAMILIES = List.of("default", "one", "two");

  /** The family of values that are not logged. */
  static final String UNLOGGED = "unlogged";

  private static final int KEYS = 150;

  /** Number of steps among which one is synced, by seed: from often to rarely. */
  private int syncedOneIn() {
    return 5 + (int) Math.floorMod(seed * 37, 60L);
  }

  /** The step of a number, from 0. */
  Step step(int writer, int number) {
    Random random = new Random((seed * 64 + writer) * 1_000_003 + number);
    random.nextLong(); // seeds close to each other begin alike
    int choice = random.nextInt(1000);
    if (choice < 12) {
      return new Step(Kind.FLUSH, List.of());
    }
    if (choice < 20) {
      return new Step(Kind.COMPACT, List.of());
    }
    if (choice < 50) {
      byte[] value = bytes(Integer.toString(number));
      return new Step(
          Kind.UNLOGGED, List.of(new Change(ChangeType.PUT, UNLOGGED, unloggedKey(writer), value)));
    }
    List<Change> changes = new ArrayList<>();
    if (choice < 300) {
      for (int left = 2 + random.nextInt(6); left > 0; left--) {
        changes.add(change(random, ChangeType.IN_BATCHES, writer, number));
      }
    } else {
      changes.add(change(random, ChangeType.values().length, writer, number));
    }
    return new Step(random.nextInt(syncedOneIn()) == 0 ? Kind.SYNC : Kind.BUFFERED, changes);
  }

  /** A change of one of the first so many types; a put is as likely as all the others. */
  private static Change change(Random random, int types, int writer, int number) {
    ChangeType type = ChangeType.values()[random.nextBoolean() ? 0 : random.nextInt(types)];
    String family = FAMILIES.get(random.nextInt(FAMILIES.size()));
    int index = random.nextInt(KEYS);
    byte[] key = key(writer, index);
    byte[] value =
        switch (type) {
          case PUT, PUT_IF_ABSENT -> value(random, writer, number);
          case MERGE -> bytes("+" + number);
          case DELETE_RANGE -> key(writer, index + 1 + random.nextInt(10));
          case DELETE, REVERSE -> null;
        };
    return new Change(type, family, key, value);
  }

  /** Mostly short, sometimes longer than a block, seldom longer than a memtable or a segment. */
  private static byte[] value(Random random, int writer, int number) {
    int length =
        switch (random.nextInt(200)) {
          case 0 -> random.nextInt(8) == 0 ? 2_500_000 : 100_000;
          case 1, 2, 3, 4, 5, 6, 7, 8 -> 2_000 + random.nextInt(7_000);
          default -> 8 + random.nextInt(180);
        };
    byte[] value = new byte[length];
    random.nextBytes(value);
    byte[] head = bytes("w" + writer + "n" + number + ".");
    System.arraycopy(head, 0, value, 0, Math.min(head.length, length));
    return value;
  }

  /** What the keys of a writer begin with. */
  static byte[] prefix(int writer) {
    return bytes("w" + writer + "/");
  }

  static byte[] unloggedKey(int writer) {
    return prefix(writer);
  }

  private static byte[] key(int writer, int index) {
    return bytes("w" + writer + "/" + (1000 + index));
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What {@link ChangeType#REVERSE} makes of a value; nothing of none. */
  static byte[] reverse(byte[] value) {
    if (value == null) {
      return null;
    }
    byte[] reversed = new byte[value.length];
    for (int i = 0; i < value.length; i++) {
      reversed[i] = value[value.length - 1 - i];
    }
    return reversed;
  }
}
