package io.lsmdb.bench.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lsmdb.ColumnFamily;
import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.ReadView;
import io.lsmdb.Snapshot;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Function;

/**
 * A digest of everything that a view shows of the four families. Immutable.
 *
 * @param digest SHA-256 over all keys and values with their lengths, in order, in hexadecimal
 * @param entries how many there are
 */
record StateHash(String digest, long entries) {
  private static final ReadOptions SINGLE_PASS = ReadOptions.builder().fillCache(false).build();

  /** Reads all families as of now. */
  static StateHash ofNow(Map<Shape, ColumnFamily> families) {
    return of(family -> family, families);
  }

  /** Reads all families as of a snapshot. */
  static StateHash of(Snapshot snapshot, Map<Shape, ColumnFamily> families) {
    return of(snapshot::of, families);
  }

  private static StateHash of(
      Function<ColumnFamily, ReadView> reads, Map<Shape, ColumnFamily> families) {
    MessageDigest sha = sha256();
    ByteBuffer lengths = ByteBuffer.allocate(2 * Integer.BYTES);
    long entries = 0;
    for (Map.Entry<Shape, ColumnFamily> family : families.entrySet()) {
      sha.update(family.getKey().family.getBytes(US_ASCII));
      try (DbIterator it = reads.apply(family.getValue()).iterate(SINGLE_PASS)) {
        for (it.seekToFirst(); it.isValid(); it.next()) {
          ByteBuffer key = it.keyBuffer();
          ByteBuffer value = it.valueBuffer();
          sha.update(lengths.clear().putInt(key.remaining()).putInt(value.remaining()).flip());
          sha.update(key);
          sha.update(value);
          entries++;
        }
      }
    }
    return new StateHash(HexFormat.of().formatHex(sha.digest()), entries);
  }

  /** The beginning of the digest, enough to compare by eye. */
  String brief() {
    return digest.substring(0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }
}
