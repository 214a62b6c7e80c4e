package io.lsmdb.internal.version;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.version.Stores.Edit;
import io.lsmdb.internal.version.Stores.Recorder;
import io.lsmdb.testing.MemFileSystem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/**
 * Pins every byte of a small manifest. When a test fails because the format was changed on purpose,
 * the format version must change too; the old files of released versions stay readable.
 */
class ManifestGoldenTest {
  private final MemFileSystem fs = new MemFileSystem();

  private VersionSet build() {
    fs.createDirectories(Stores.DIRECTORY);
    long[] next = {0};
    VersionEnv env =
        new VersionEnv(
            fs,
            Stores.DIRECTORY,
            () -> 0x0101010101010101L * ++next[0],
            VersionEnv.DEFAULT_MANIFEST_ROLL_SIZE,
            new Recorder());
    VersionSet set = VersionSet.create(env);
    int family = set.nextFamilyId();
    set.logAndApply(Edit.edit().create(family, "timers", "concat", 2).build());
    FileMetadata file =
        Stores.stored(fs, Stores.file(set.newFileNumber(), set.session(), "k1", "k9", 3, 300));
    set.logAndApply(Edit.edit().add(family, 0, file).flushed(family, 300).last(400).build());
    set.logAndApply(Edit.edit().remove(family, 0, file.number()).add(family, 2, file).build());
    FileMetadata other =
        Stores.stored(fs, Stores.file(set.newFileNumber(), set.session(), "", "x", 1, 1));
    set.logAndApply(Edit.edit().add(0, 1, other).drop(family).build());
    return set;
  }

  @Test
  void aSmallManifestIsWrittenByteForByte() {
    VersionSet set = build();
    String manifest = FileNames.manifest(set.manifestNumber());
    set.close(OptionalLong.of(400));
    String dump =
        manifest
            + "\n"
            + hex(Stores.read(fs, manifest))
            + FileNames.CURRENT
            + "\n"
            + new String(Stores.read(fs, FileNames.CURRENT), StandardCharsets.US_ASCII);
    assertEquals(resource("manifest-v2.txt"), dump);
  }

  @Test
  void theSmallManifestIsRead() {
    VersionSet set = build();
    String state = Stores.describe(set);
    set.close(OptionalLong.of(400));
    VersionSet again = VersionSet.recover(Stores.env(fs, new Recorder()));
    assertEquals(state, Stores.describe(again));
    assertEquals(OptionalLong.of(400), again.loggedAtClose());
    assertEquals(0x0101010101010101L, again.databaseIdHigh());
    assertEquals(0x0202020202020202L, again.databaseIdLow());
  }

  /** Sixteen bytes a line, with their offset. */
  private static String hex(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bytes.length; i++) {
      if (i % 16 == 0) {
        text.append(String.format(Locale.ROOT, "%04x ", i));
      }
      text.append(i % 16 == 8 ? "  " : " ").append(String.format(Locale.ROOT, "%02x", bytes[i]));
      if (i % 16 == 15 || i == bytes.length - 1) {
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String resource(String name) {
    try (InputStream in = ManifestGoldenTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
