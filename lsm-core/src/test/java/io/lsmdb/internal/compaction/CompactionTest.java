package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.Compaction.Source;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompactionTest {
  private static FileMetadata file(long number, long writtenMillis) {
    return new FileMetadata(
        number,
        1,
        new FileMetadata.Content(number, 100, 0, writtenMillis),
        new FileMetadata.Counts(1, 0, number, number),
        new InternalKey(new byte[] {1}, InternalKey.trailer(number, 1)),
        new InternalKey(new byte[] {1}, InternalKey.trailer(number, 1)));
  }

  @Test
  void whatItSaysOfItsFilesTakesInEveryLevelThatItTakesFilesFrom() {
    Compaction compaction =
        new Compaction(
            3,
            Compaction.Reason.SPACE,
            0,
            6,
            List.of(file(9, 50)),
            List.of(new Source(4, List.of(file(5, 10)))),
            List.of(file(2, 30)),
            List.of(),
            List.of(),
            Compaction.Work.REWRITE,
            1000,
            1000);
    assertEquals(10, compaction.oldestTableMillis());
    assertEquals(300, compaction.inputBytes());
    assertEquals(
        List.of(new RemovedFile(3, 0, 9), new RemovedFile(3, 4, 5), new RemovedFile(3, 6, 2)),
        compaction.removals());
  }
}
