package io.lsmdb;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What {@link HeldMemoryTest} runs in a process of its own: the first argument names the case. */
final class HeldMemoryMain {
  private static final int VALUE_BYTES = 1_000;

  private HeldMemoryMain() {}

  public static void main(String[] arguments) {
    Path directory = Path.of(arguments[1]);
    int megabytes = Integer.parseInt(arguments[2]);
    switch (arguments[0]) {
      case "load" -> load(directory, megabytes);
      case "closed" -> closed(directory, megabytes);
      case "many" -> many(directory, megabytes, Integer.parseInt(arguments[3]));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.out.println("done");
  }

  private static void put(Db db, int megabytes) {
    SplittableRandom random = new SplittableRandom(1);
    byte[] value = new byte[VALUE_BYTES];
    byte[] key = new byte[16];
    for (int i = 0; i < megabytes * 1000; i++) {
      random.nextBytes(key);
      random.nextBytes(value);
      db.put(key, value);
    }
  }

  /** Default options throughout. */
  private static void load(Path directory, int megabytes) {
    try (Db db = Db.open(directory)) {
      put(db, megabytes);
      db.flush();
    }
  }

  /** Prints the heap that is in use while a handle of a closed store is held. */
  private static void closed(Path directory, int megabytes) {
    Db db = Db.open(directory);
    put(db, megabytes);
    db.flush();
    try (DbIterator it = db.iterate()) { // fills the cache
      for (it.seekToFirst(); it.isValid(); it.next()) {
        db.get(it.key());
      }
    }
    put(db, megabytes / 4);
    Db other = Db.open(directory.resolve("other"));
    put(other, 1);
    other.close();
    long before = usedHeap();
    db.close();
    System.out.println(before + " " + usedHeap());
    if (db == other) {
      throw new AssertionError();
    }
  }

  /** Stores with one cache, each loaded once and idle from then on. */
  private static void many(Path directory, int megabytes, int stores) {
    DbOptions options = DbOptions.builder().blockCache(Db.newBlockCache(8 << 20)).build();
    List<Db> all = new ArrayList<>();
    for (int i = 0; i < stores; i++) {
      Db db = Db.open(directory.resolve("store" + i), options);
      all.add(db);
      put(db, megabytes);
      db.flush();
    }
    System.out.println(usedHeap());
    all.forEach(Db::close);
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
