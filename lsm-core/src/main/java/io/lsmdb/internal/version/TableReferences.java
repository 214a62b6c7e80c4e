package io.lsmdb.internal.version;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables that versions in use name, with how many versions name each.
 *
 * <p>Thread-safe; its lock is the innermost one. The listener is called without it.
 *
 * <ol>
 *   <li>A table is reported obsolete once at most: when no version names it any more. Since a
 *       version loses its last reference only after its successor was published, the table's
 *       removal is durable by then.
 *   <li>Nothing is reported after {@link #close}.
 * </ol>
 */
final class TableReferences implements Version.VersionOwner {
  private final VersionEnv.Listener listener;

  /** The lock guards {@link FileMetadata#versions} as well. */
  @GuardedBy("this")
  private final Map<Long, FileMetadata> live = new HashMap<>();

  @GuardedBy("this")
  private boolean closed;

  TableReferences(VersionEnv.Listener listener) {
    this.listener = listener;
  }

  /** Counts a version that is about to be used. */
  synchronized void add(Version version) {
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.array(level)) {
        if (file.versions++ == 0) {
          live.put(file.number(), file);
        }
      }
    }
  }

  /** A version that was added has lost its last reference. */
  @Override
  public void unused(Version version) {
    remove(version).forEach(listener::tableObsolete);
  }

  private synchronized List<FileMetadata> remove(Version version) {
    List<FileMetadata> obsolete = new ArrayList<>();
    for (int level = 0; level < Version.LEVELS; level++) {
      for (FileMetadata file : version.array(level)) {
        if (--file.versions == 0) {
          live.remove(file.number());
          obsolete.add(file);
        }
      }
    }
    return closed ? List.of() : obsolete;
  }

  synchronized boolean contains(long number, long session) {
    FileMetadata file = live.get(number);
    return file != null && file.session() == session;
  }

  /** The tables, a copy. */
  synchronized List<FileMetadata> tables() {
    return List.copyOf(live.values());
  }

  /** The numbers of the tables, a copy. */
  synchronized Set<Long> numbers() {
    return Set.copyOf(live.keySet());
  }

  /** From now on nothing is reported. */
  synchronized void close() {
    closed = true;
  }
}
