package io.lsmdb.internal.version;

import io.lsmdb.internal.version.VersionEdit.AddedFile;
import io.lsmdb.internal.version.VersionEdit.RemovedFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The tables of changes that failed while they were written.
 *
 * <p>Not thread-safe; the version set's log lock guards it.
 *
 * <ol>
 *   <li>A table that was given up is never accepted again.
 *   <li>It is reported obsolete once: at once, or, if a manifest in doubt may name it, when that
 *       doubt is settled.
 * </ol>
 */
final class OrphanTables {
  private final VersionEnv.Listener listener;
  private final Set<Long> numbers = new HashSet<>();
  private final List<FileMetadata> doubtful = new ArrayList<>();

  OrphanTables(VersionEnv.Listener listener) {
    this.listener = listener;
  }

  /**
   * The tables that an edit brings into the store, moved ones left out.
   *
   * @throws IllegalStateException if one of its tables was given up
   */
  List<FileMetadata> newTables(VersionEdit edit) {
    Set<Long> moved = new HashSet<>();
    for (RemovedFile file : edit.removed()) {
      moved.add(file.number());
    }
    List<FileMetadata> tables = new ArrayList<>();
    for (AddedFile added : edit.added()) {
      long number = added.file().number();
      if (numbers.contains(number)) {
        throw new IllegalStateException("table " + number + " was given up with a failed change");
      }
      if (!moved.contains(number)) {
        tables.add(added.file());
      }
    }
    return tables;
  }

  /**
   * Gives up the new tables of a change that failed.
   *
   * @param tables the tables
   * @param inDoubt whether a manifest may name them nevertheless
   */
  void add(List<FileMetadata> tables, boolean inDoubt) {
    for (FileMetadata table : tables) {
      numbers.add(table.number());
      if (inDoubt) {
        doubtful.add(table);
      } else {
        listener.tableObsolete(table);
      }
    }
  }

  /** The numbers of those that a manifest in doubt may name. */
  List<Long> doubtful() {
    return doubtful.stream().map(FileMetadata::number).toList();
  }

  /** CURRENT durably names a manifest without them. */
  void settle() {
    List<FileMetadata> tables = List.copyOf(doubtful);
    doubtful.clear();
    tables.forEach(listener::tableObsolete);
  }
}
