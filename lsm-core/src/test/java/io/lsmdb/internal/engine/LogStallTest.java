package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.DbOptions;
import io.lsmdb.EventListener.StallCause;
import io.lsmdb.StallTimeoutException;
import io.lsmdb.WriteOptions;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Writes while flushes do not follow and the log grows beyond its limit. */
class LogStallTest {
  private static final long LIMIT = 1 << 20;
  private static final byte[] VALUE = new byte[64 << 10];

  private static final WriteOptions AT_ONCE =
      WriteOptions.builder().stallTimeout(Duration.ZERO).build();

  @Test
  void writesSlowDownUntilTheLogIsShortAgain() {
    SmallStore store = new SmallStore();
    store.tuning = EngineTuning.USUAL;
    store.options =
        DbOptions.builder()
            .maxLogSize(LIMIT)
            .dbWriteBufferSize(1L << 40)
            .defaultFamilyOptions(ColumnFamilyOptions.builder().writeBufferSize(1 << 30).build())
            .build();
    store.open();
    StallTimeoutException refused =
        assertThrows(StallTimeoutException.class, () -> fill(store, 1_000));
    assertTrue(refused.getMessage().contains("bytes of log in the whole store"), "" + refused);
    long log = store.db.stats().logSize();
    assertTrue(log > 2 * LIMIT && log < 64 * LIMIT, "log " + log);
    assertTrue(store.db.stats().stalls().containsKey(StallCause.LOG_SIZE));

    store.flush();
    fill(store, 100); // as many as were not refused before
    assertArrayEquals(VALUE, store.db.get(CrashScript.bytes("key99")));
    store.close();
  }

  private static void fill(SmallStore store, int puts) {
    for (int i = 0; i < puts; i++) {
      store.db.put(CrashScript.bytes("key" + i), VALUE, AT_ONCE);
    }
  }
}
