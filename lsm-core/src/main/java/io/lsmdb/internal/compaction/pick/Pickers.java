package io.lsmdb.internal.compaction.pick;

import io.lsmdb.CompactionStyle;

/** The pickers by compaction style. */
public final class Pickers {
  private Pickers() {}

  /**
   * Makes the picker of a style.
   *
   * @param style the style with its settings
   * @return its picker
   */
  public static Picker of(CompactionStyle style) {
    if (style instanceof CompactionStyle.Universal universal) {
      return new UniversalPicker(universal);
    }
    return style instanceof CompactionStyle.Fifo fifo ? new FifoPicker(fifo) : new LeveledPicker();
  }
}
