package io.lsmdb.internal.version;

import io.lsmdb.CorruptionException;
import io.lsmdb.internal.base.Crc32c;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.record.FileHeader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * The content of CURRENT: which manifest is in use, how much of it must be intact.
 *
 * <p>Immutable. The format is docs/manifest-format.md.
 *
 * @param manifestNumber number of the manifest
 * @param durableLength bytes of it that were durable when this was written
 */
record CurrentFile(long manifestNumber, long durableLength) {
  /** CURRENT is never larger, in bytes. */
  static final int MAX_SIZE = 64;

  private static final int LENGTH_DIGITS = 16;
  private static final int CRC_DIGITS = 8;

  /** Space, checksum and line feed behind the length. */
  private static final int CRC_PART = 1 + CRC_DIGITS + 1;

  byte[] encode() {
    String covered =
        FileNames.manifest(manifestNumber) + String.format(Locale.ROOT, "\n%016x ", durableLength);
    return (covered + crc(covered) + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** Computed over the text's bytes; position 0 with salt 0 has a constant mask, removed again. */
  private static String crc(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int masked = new Crc32c().compute(0, 0, bytes, 0, bytes.length);
    return String.format(Locale.ROOT, "%08x", masked ^ Crc32c.mask(0, 0));
  }

  static CurrentFile decode(byte[] bytes, String file) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int lengthAt = text.indexOf('\n') + 1;
    int crcAt = lengthAt + LENGTH_DIGITS + 1;
    if (lengthAt == 0 || text.length() != lengthAt + LENGTH_DIGITS + CRC_PART) {
      throw corrupt(file, "not the name of a manifest with its length");
    }
    if (!text.substring(crcAt, crcAt + CRC_DIGITS).equals(crc(text.substring(0, crcAt)))) {
      throw corrupt(file, "checksum mismatch");
    }
    FileNames.Parsed name =
        FileNames.parse(text.substring(0, lengthAt - 1))
            .filter(parsed -> parsed.type() == FileNames.Type.MANIFEST)
            .orElseThrow(() -> corrupt(file, "not the name of a manifest"));
    long length;
    try {
      length = Long.parseLong(text.substring(lengthAt, lengthAt + LENGTH_DIGITS), 16);
    } catch (NumberFormatException e) {
      throw corrupt(file, "impossible length of the manifest");
    }
    CurrentFile current = new CurrentFile(name.number(), length);
    if (length < FileHeader.SIZE
        || name.number() > FileNumbers.MAX
        || !text.equals(new String(current.encode(), StandardCharsets.ISO_8859_1))) {
      throw corrupt(file, "not in the only form that is written");
    }
    return current;
  }

  static CurrentFile read(FileSystem fs, Path directory) {
    byte[] buffer = new byte[MAX_SIZE + 1];
    int size = 0;
    Path path = directory.resolve(FileNames.CURRENT);
    try (ReadableFile file = fs.openForRead(path)) {
      for (int n = 1; n > 0 && size < buffer.length; size += n) {
        n = file.read(size, buffer, size, buffer.length - size);
      }
    }
    if (size > MAX_SIZE) {
      throw corrupt(path.toString(), "more than " + MAX_SIZE + " bytes");
    }
    return decode(Arrays.copyOf(buffer, size), path.toString());
  }

  /**
   * Makes this the content of CURRENT, durably. After a failure CURRENT has the old content or this
   * one.
   *
   * @param fs where
   * @param directory of the store
   * @param temporary number of a temporary file that does not exist
   */
  void install(FileSystem fs, Path directory, long temporary) {
    Path prepared = directory.resolve(FileNames.temporary(temporary));
    byte[] content = encode();
    try (WritableFile file = fs.create(prepared)) {
      file.append(content, 0, content.length);
      ForceFailedException.forcing(file::force);
    }
    fs.rename(prepared, directory.resolve(FileNames.CURRENT));
    ForceFailedException.forcing(() -> fs.forceDirectory(directory));
  }

  private static CorruptionException corrupt(String file, String problem) {
    return new CorruptionException(file, 0, problem);
  }
}
