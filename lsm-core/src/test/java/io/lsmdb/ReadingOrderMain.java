package io.lsmdb;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Runs one operation on a small store between two marks, for {@link ReadingOrderTest}. */
public final class ReadingOrderMain {
  private ReadingOrderMain() {}

  /**
   * Runs one operation.
   *
   * @param args its name, and an empty directory
   */
  public static void main(String[] args) {
    Path directory = Path.of(args[1]);
    try (Db db = Db.open(directory)) {
      fill(db, 0);
      db.flush();
      fill(db, 1);
      run(args[0], db); // so that classes are initialised, and buffers allocated
      fill(db, 2);
      begin();
      run(args[0], db);
      end();
    }
  }

  private static void fill(Db db, int round) {
    for (int i = 0; i < 10; i++) {
      db.put(bytes("key" + i), bytes("value" + round));
    }
  }

  private static void run(String operation, Db db) {
    switch (operation) {
      case "put" -> db.put(bytes("key3"), bytes("value"));
      case "get" -> db.get(bytes("absent"));
      case "iterate" -> {
        try (DbIterator cursor = db.iterate()) {
          for (cursor.seekToFirst(); cursor.isValid(); cursor.next()) {
            cursor.value();
          }
        }
      }
      default -> throw new IllegalArgumentException(operation);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What is entered from here on counts. */
  static void begin() {}

  /** What is entered from here on does not count. */
  static void end() {}
}
