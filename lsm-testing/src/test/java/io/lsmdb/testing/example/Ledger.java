package io.lsmdb.testing.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.ReadOptions;
import io.lsmdb.WriteBatch;
import io.lsmdb.WriteOptions;
import java.nio.ByteBuffer;

/** Accounts of an application. Transfers move money between them and make or lose none. */
final class Ledger {
  private static final String ACCOUNT = "account/";
  private static final byte[] TRANSFERS = "transfers".getBytes(UTF_8);

  private final Db db;

  Ledger(Db db) {
    this.db = db;
  }

  /** Opens accounts with the same balance: all or none, durable on return. */
  void openAccounts(long balance, String... names) {
    WriteBatch batch = new WriteBatch().put(TRANSFERS, encode(0));
    for (String name : names) {
      batch.put(key(name), encode(balance));
    }
    db.write(batch, WriteOptions.SYNC);
  }

  /** Moves money from one account to another, durable on return. */
  void transfer(String from, String to, long amount) {
    WriteBatch batch =
        new WriteBatch()
            .put(key(from), encode(balance(from) - amount))
            .put(key(to), encode(balance(to) + amount))
            .put(TRANSFERS, encode(transfers() + 1));
    db.write(batch, WriteOptions.SYNC);
  }

  long balance(String name) {
    return decode(db.get(key(name)));
  }

  /** Counts the transfers so far. */
  long transfers() {
    return decode(db.get(TRANSFERS));
  }

  /** Adds up all accounts. */
  long total() {
    long total = 0;
    try (DbIterator it = db.iterate(ReadOptions.prefix(ACCOUNT.getBytes(UTF_8)))) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        total += decode(it.value());
      }
    }
    return total;
  }

  private static byte[] key(String name) {
    return (ACCOUNT + name).getBytes(UTF_8);
  }

  private static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  private static long decode(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }
}
