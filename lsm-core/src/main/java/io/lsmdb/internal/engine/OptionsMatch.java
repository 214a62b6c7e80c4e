package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.CompactionStyle;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.version.FamilySettings;
import io.lsmdb.internal.version.FamilySettings.FifoLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The options that a family of the store gets: those given, and where they say nothing, what the
 * manifest records of the family.
 *
 * <p>Immutable. {@link io.lsmdb.DbOptions.Builder#familyOptions} states the rule for users.
 *
 * @param options what the family gets; null if there are problems
 * @param differences where recorded and given settings differ
 * @param problems why the family cannot have the options; empty if it can
 */
record OptionsMatch(
    ColumnFamilyOptions options, List<Difference> differences, List<String> problems) {
  private static final String MERGE_OPERATOR = "mergeOperator";
  private static final String COUNT_ENTRIES = "countEntries";
  private static final String PREFIX_LENGTH = "prefixLength";
  private static final String TIME_TO_LIVE = "timeToLive";
  private static final String COMPACTION_FILTER = "compactionFilter";
  private static final String COMPACTION_STYLE = "compactionStyle";
  private static final String NONE = "none";

  /**
   * A setting that is recorded otherwise than it is given.
   *
   * @param setting its name in the builder
   * @param recorded what the manifest has
   * @param given what the options have
   * @param isApplied whether the given one takes effect
   */
  record Difference(String setting, String recorded, String given, boolean isApplied) {
    @Override
    public String toString() {
      return setting + " is recorded as " + recorded + ", but given as " + given;
    }
  }

  /**
   * Matches options with what is recorded.
   *
   * @param recorded what the manifest has of the family
   * @param given options for it
   * @param isOwn whether they are meant for this family, not for all that have none of their own
   */
  static OptionsMatch of(FamilySettings recorded, ColumnFamilyOptions given, boolean isOwn) {
    List<String> problems = new ArrayList<>();
    ColumnFamilyOptions options = null;
    try {
      options = fill(recorded, given, isOwn);
    } catch (InvalidOptionsException e) {
      problems.add(e.getMessage() + " (recorded of the family: " + describe(recorded) + ")");
      return new OptionsMatch(null, List.of(), problems);
    }
    if (!recorded.mergeOperator().isEmpty()
        && !recorded.mergeOperator().equals(options.mergeOperatorName())) {
      problems.add(
          "it needs the merge operator "
              + recorded.mergeOperator()
              + ", but its options have "
              + text(options.mergeOperatorName())
              + "; give it to ColumnFamilyOptions.mergeOperator");
    }
    return new OptionsMatch(options, differences(recorded, given, options), problems);
  }

  /**
   * Matches options with those of a family that is in use: what they leave out stays as it is, and
   * what needs an opening is a problem.
   *
   * @param recorded what the manifest has of the family
   * @param present what it has now
   * @param given what it is to have
   */
  static OptionsMatch ofLiving(
      FamilySettings recorded, ColumnFamilyOptions present, ColumnFamilyOptions given) {
    ColumnFamilyOptions.Builder to = given.toBuilder();
    if (!isGiven(given, COMPACTION_STYLE)) {
      to.compactionStyle(present.compactionStyle());
    }
    if (!isGiven(given, COMPACTION_FILTER)) {
      to.compactionFilter(present.compactionFilter());
    }
    if (!isGiven(given, MERGE_OPERATOR)
        || given.mergeOperatorName().equals(present.mergeOperatorName())) {
      to.mergeOperator(present.mergeOperator());
    }
    OptionsMatch match;
    try {
      match = of(recorded, to.build(), true);
    } catch (InvalidOptionsException e) {
      return new OptionsMatch(null, List.of(), List.of(e.getMessage()));
    }
    List<String> problems = new ArrayList<>(match.problems);
    for (Difference one : match.differences) {
      if (one.setting().equals(MERGE_OPERATOR) || one.setting().equals(COUNT_ENTRIES)) {
        problems.add(one.toString());
      }
    }
    return new OptionsMatch(match.options, match.differences, problems);
  }

  private static ColumnFamilyOptions fill(
      FamilySettings recorded, ColumnFamilyOptions given, boolean isOwn) {
    ColumnFamilyOptions.Builder to = given.toBuilder();
    if (!isOwn || !isGiven(given, TIME_TO_LIVE)) {
      to.timeToLive(recorded.timeToLive() == 0 ? null : Duration.ofMillis(recorded.timeToLive()));
    }
    if (!isGiven(given, PREFIX_LENGTH)) { // one for all families does no harm to any
      to.prefixLength(given.bloomBitsPerKey() == 0 ? 0 : recorded.prefixLength());
    }
    if (!isOwn || !isGiven(given, COUNT_ENTRIES)) {
      to.countEntries(recorded.countsEntries());
    }
    if (recorded.fifo() != null && (!isOwn || !isGiven(given, COMPACTION_STYLE))) {
      to.compactionStyle(style(recorded.fifo()))
          .writeBufferSize(Math.min(given.writeBufferSize(), recorded.fifo().maxBytes()))
          .periodicCompaction(null);
    }
    if (!isOwn) {
      leaveOutWhatIsExcluded(recorded, given, to);
    }
    return to.build();
  }

  /** Options for all families may have what does not go with the settings of this one. */
  private static void leaveOutWhatIsExcluded(
      FamilySettings recorded, ColumnFamilyOptions given, ColumnFamilyOptions.Builder to) {
    if (recorded.fifo() == null && given.compactionStyle() instanceof CompactionStyle.Fifo) {
      to.compactionStyle(CompactionStyle.leveled());
    }
    if (recorded.mergeOperator().isEmpty()
        && (recorded.timeToLive() > 0 || recorded.fifo() != null)) {
      to.mergeOperator(null);
    }
    if (recorded.countsEntries()) {
      to.compactionFilter(null);
    }
  }

  private static boolean isGiven(ColumnFamilyOptions options, String setting) {
    return options.givenSettings().contains(setting);
  }

  private static CompactionStyle style(FifoLimits limits) {
    return CompactionStyle.fifo()
        .maxBytes(limits.maxBytes())
        .maxAge(limits.maxAge() == 0 ? null : Duration.ofMillis(limits.maxAge()));
  }

  private static List<Difference> differences(
      FamilySettings recorded, ColumnFamilyOptions given, ColumnFamilyOptions options) {
    Map<String, String> before = describe(recorded);
    Map<String, String> asked = describe(settings(given));
    Map<String, String> now = describe(settings(options));
    List<Difference> differences = new ArrayList<>();
    before.forEach(
        (setting, old) -> {
          if (!old.equals(now.get(setting))) {
            differences.add(new Difference(setting, old, now.get(setting), true));
          } else if (isGiven(given, setting) && !old.equals(asked.get(setting))) {
            differences.add(new Difference(setting, old, asked.get(setting), false));
          }
        });
    return differences;
  }

  /** What the manifest is to record of a family with these options. */
  static FamilySettings settings(ColumnFamilyOptions options) {
    FifoLimits fifo = null;
    if (options.compactionStyle() instanceof CompactionStyle.Fifo style) {
      long age = style.maxAge() == null ? 0 : PickerInput.millis(style.maxAge());
      fifo = new FifoLimits(style.maxBytes(), age);
    }
    return new FamilySettings(
        options.mergeOperatorName(),
        options.prefixLength(),
        options.timeToLiveMillis(),
        options.countEntries(),
        options.compactionFilter() != null,
        fifo);
  }

  private static Map<String, String> describe(FamilySettings settings) {
    long timeToLive = settings.timeToLive();
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put(MERGE_OPERATOR, text(settings.mergeOperator()));
    texts.put(PREFIX_LENGTH, Integer.toString(settings.prefixLength()));
    texts.put(TIME_TO_LIVE, timeToLive == 0 ? NONE : Duration.ofMillis(timeToLive).toString());
    texts.put(COUNT_ENTRIES, Boolean.toString(settings.countsEntries()));
    texts.put(COMPACTION_FILTER, settings.isFiltered() ? "a filter" : NONE);
    texts.put(
        COMPACTION_STYLE,
        settings.fifo() == null ? "leveled or universal" : style(settings.fifo()).toString());
    return texts;
  }

  private static String text(String name) {
    return name.isEmpty() ? NONE : name;
  }
}
