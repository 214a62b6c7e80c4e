package io.lsmdb;

import static io.lsmdb.TestStores.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What messages say: what was done, to which store or file, and what to do. */
class MessagesTest {
  private static final byte[] KEY = bytes("k");

  @TempDir private Path temporary;

  private static void assertSays(Throwable thrown, Object... parts) {
    for (Object part : parts) {
      assertTrue(String.valueOf(thrown.getMessage()).contains(part.toString()), thrown.toString());
    }
  }

  @Test
  void aPathOfAnotherFileSystemIsRefused() throws IOException {
    Path zip = temporary.resolve("a.zip");
    try (FileSystem inZip = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
      Path path = inZip.getPath("/state");
      for (boolean create : List.of(true, false)) {
        DbOptions options = DbOptions.builder().createIfMissing(create).build();
        assertSays(
            assertThrows(IllegalArgumentException.class, () -> Db.open(path, options)),
            "a.zip",
            "/state",
            "FileSystems.getDefault()");
      }
    }
  }

  @Test
  void aFileInPlaceOfTheDirectoryIsNamed() throws IOException {
    Path file = Files.createFile(temporary.resolve("state"));
    for (Path path : List.of(file, file.resolve("below"))) {
      StorageException refused = assertThrows(StorageException.class, () -> Db.open(path));
      assertEquals(StorageException.Reason.WRONG_FILE_TYPE, refused.reason());
      assertSays(refused, file, "a file stands where a directory must be", "use another path");
    }
  }

  @Test
  void aMissingStoreIsNamed() {
    Path missing = temporary.resolve("missing");
    DbOptions options = DbOptions.builder().createIfMissing(false).build();
    assertSays(
        assertThrows(StorageException.class, () -> Db.open(missing, options)),
        missing,
        "check the path");
    assertEquals(
        "directory", assertThrows(NullPointerException.class, () -> Db.open(null)).getMessage());
    assertEquals(
        "options",
        assertThrows(NullPointerException.class, () -> Db.open(missing, null)).getMessage());
  }

  @Test
  void aWriteInsideComputeIsToldWhatToDo() {
    try (Db db = Db.open(temporary.resolve("state"))) {
      assertSays(
          assertThrows(
              IllegalStateException.class,
              () ->
                  db.compute(
                      KEY,
                      old -> {
                        db.put(KEY, KEY);
                        return old;
                      })),
          temporary,
          "the function of a compute",
          "return what is to be written");
    }
  }

  @Test
  void damageIsNamedWithThePathOfItsFile() throws IOException {
    Path directory = temporary.resolve("state");
    try (Db db = Db.open(directory)) {
      db.put(KEY, KEY);
      db.flush();
    }
    Path table = fileOf(directory, ".*\\.sst");
    byte[] whole = Files.readAllBytes(table);
    byte[] damaged = whole.clone();
    damaged[2] ^= 1;
    Files.write(table, damaged);
    try (Db db = Db.open(directory)) {
      assertSays(assertThrows(CorruptionException.class, () -> db.get(KEY)), table);
    }
    Files.write(table, new byte[3]);
    assertSays(assertThrows(CorruptionException.class, () -> Db.open(directory)), table);
    Files.delete(table);
    assertSays(assertThrows(CorruptionException.class, () -> Db.open(directory)), table);
    Files.write(table, whole);
    for (String name : List.of("CURRENT", "MANIFEST.*")) {
      Path file = fileOf(directory, name);
      byte[] content = Files.readAllBytes(file);
      Files.write(file, new byte[10]);
      assertSays(assertThrows(CorruptionException.class, () -> Db.open(directory)), file);
      Files.write(file, content);
    }
    Db.open(directory).close();
  }

  private static Path fileOf(Path directory, String name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches(name))
          .findFirst()
          .orElseThrow();
    }
  }
}
