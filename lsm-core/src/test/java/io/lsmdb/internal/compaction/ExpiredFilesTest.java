package io.lsmdb.internal.compaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CompactionStyle;
import io.lsmdb.DbException;
import io.lsmdb.internal.compaction.pick.Compaction;
import io.lsmdb.internal.compaction.pick.Pickers;
import io.lsmdb.internal.fs.FileNames;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.testing.MemFileSystem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExpiredFilesTest {
  private final MemFileSystem fs = new MemFileSystem();
  private final TestStore store = new TestStore(fs, TestStore.options(2048));

  /** Makes it impossible to read the only file. */
  private void loseContent() {
    FileMetadata file = store.version.files(0).get(0);
    fs.delete(TestStore.DIRECTORY.resolve(FileNames.table(file.number(), file.session())));
  }

  private Optional<Compaction> pickAt(long now) {
    store.expiryClock = now;
    return Pickers.of(CompactionStyle.leveled()).pick(store.pickerInput());
  }

  @Test
  void aFileIsDroppedWithoutBeingReadOnceItsLastEntryHasExpired() {
    store.putExpiring("a", 100);
    store.putExpiring("b", 200);
    store.flush();
    loseContent();
    assertThrows(DbException.class, () -> store.read("a", 1), "cannot be read any more");
    assertEquals(Optional.empty(), pickAt(199));
    Compaction picked = pickAt(200).orElseThrow();
    assertEquals(Compaction.Reason.EXPIRED_FILES, picked.reason());
    CompactionJob.Result result = store.run(picked);
    assertEquals(List.of(), result.edit().added());
    assertEquals(1, result.edit().removed().size());
    assertEquals(List.of(new VersionEdit.DropClock(1, 200)), result.edit().dropClocks());
    assertEquals(0, result.statistics().bytesRead());
  }

  @Test
  void aTombstoneWithSomethingToHideKeepsAFile() {
    store.put("b", "older");
    store.flush();
    store.putExpiring("a", 100);
    store.delete("b");
    store.flush();
    Compaction picked = pickAt(1_000).orElseThrow();
    assertEquals(Compaction.Work.REWRITE, picked.work(), "not dropped as it is");
    store.runAndApply(picked);
    store.check("after");
    assertEquals(0, store.entries());
  }

  @Test
  void aMixedFileIsRewrittenOnceWithoutWhatHasExpired() {
    store.putExpiring("a", 100);
    store.put("b", "stays");
    store.flush();
    store.compactRange(null, null);
    assertEquals(2, store.entries());
    Compaction picked = pickAt(100).orElseThrow();
    assertEquals(Compaction.Reason.EXPIRED, picked.reason());
    CompactionJob.Result result = store.runAndApply(picked);
    assertEquals(List.of(new VersionEdit.DropClock(1, 100)), result.edit().dropClocks());
    assertEquals(1, store.entries());
    store.check("after");
    assertTrue(pickAt(10_000).isEmpty());
  }
}
