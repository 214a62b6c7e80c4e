package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.version.FileMetadata;
import java.util.List;
import java.util.Optional;

/** All rules that look at single files, in the order in which they are tried. Stateless. */
final class FileRules {
  private static final List<FileRule> ALL =
      List.of(new ExpiredFiles(), new DeletedFiles(), new RetainedFiles(), new AgedFiles());

  private FileRules() {}

  /** Files that can be dropped because nobody needs anything in them. */
  static Optional<Compaction> drop(PickerContext state) {
    return ALL.stream().flatMap(rule -> rule.drop(state).stream()).findFirst();
  }

  /** Files that are worth rewriting; see {@link FileRule#rewrite}. */
  static Optional<Compaction> rewrite(PickerContext state, boolean inPlace) {
    return ALL.stream().flatMap(rule -> rule.rewrite(state, inPlace).stream()).findFirst();
  }

  /** Whether any rule sees something in a file that would go. */
  static boolean isWorn(PickerContext state, FileMetadata file) {
    return ALL.stream().anyMatch(rule -> rule.isWorn(state, file));
  }
}
