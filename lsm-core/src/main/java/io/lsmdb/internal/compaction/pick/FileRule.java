package io.lsmdb.internal.compaction.pick;

import io.lsmdb.internal.version.FileMetadata;
import java.util.Optional;

/**
 * A reason to compact files for their content or age, whatever the shape of the levels.
 *
 * <p>Stateless; all methods are pure functions of their arguments. {@link FileRules} lists the
 * rules in the order in which every style tries them.
 */
interface FileRule {
  /** Drops idle files of one level that nobody needs, without reading them. */
  default Optional<Compaction> drop(PickerContext state) {
    return Optional.empty();
  }

  /**
   * Rewrites an idle file, or a run of adjacent ones, that is worth it.
   *
   * @param state what the choice depends on
   * @param inPlace whether files of all levels stay in their sorted run, as runs of a universal
   *     family do. Otherwise the rule may take them a level down
   */
  Optional<Compaction> rewrite(PickerContext state, boolean inPlace);

  /** Whether a file of the last level would lose something if it were rewritten by request. */
  default boolean isWorn(PickerContext state, FileMetadata file) {
    return false;
  }
}
