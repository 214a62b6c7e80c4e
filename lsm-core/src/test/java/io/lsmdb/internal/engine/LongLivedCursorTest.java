package io.lsmdb.internal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.Db;
import io.lsmdb.DbIterator;
import io.lsmdb.DbOptions;
import io.lsmdb.internal.engine.runtime.EngineTuning;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.testing.MemFileSystem;
import io.lsmdb.testing.TestEnvironments;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A cursor that seeks again and again while nobody writes and no other cursor is opened. */
class LongLivedCursorTest {
  private static final int KEYS = 200_000;

  @Test
  void theRunsOfAMemtableAreMergedAfterManySeeks() throws InterruptedException {
    var sorting = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    DbOptions options =
        DbOptions.builder()
            .defaultFamilyOptions(ColumnFamilyOptions.builder().writeBufferSize(64 << 20).build())
            .build();
    Environment environment =
        TestEnvironments.of(
            new MemFileSystem(),
            1,
            (name, threads) ->
                name.equals("order") ? sorting : Executors.newFixedThreadPool(threads));
    try (Db db = DbImpl.open(Path.of("/db"), options, environment, EngineTuning.USUAL)) {
      for (int i = 0; i < KEYS; i++) {
        db.put(key(i), key(i));
      }
      try (DbIterator cursor = db.iterate()) {
        long before = sorting.getTaskCount();
        for (int i = 0; i < 63; i++) {
          seek(cursor, i);
        }
        assertEquals(before, sorting.getTaskCount(), "few seeks are not worth a merge");
        seek(cursor, 63);
        assertEquals(before + 1, sorting.getTaskCount());
        while (sorting.getCompletedTaskCount() <= before) {
          Thread.sleep(1);
        }
        for (int i = 64; i < 200; i++) {
          seek(cursor, i);
        }
        assertEquals(before + 1, sorting.getTaskCount(), "all is merged");
      }
    }
  }

  private static void seek(DbIterator cursor, int number) {
    cursor.seek(key(number));
    assertArrayEquals(key(number), cursor.key());
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(8).putLong(number * 0x9E3779B97F4A7C15L).array();
  }
}
