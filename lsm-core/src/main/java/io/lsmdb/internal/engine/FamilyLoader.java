package io.lsmdb.internal.engine;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.InvalidOptionsException;
import io.lsmdb.internal.engine.OptionsMatch.Difference;
import io.lsmdb.internal.version.Family;
import io.lsmdb.internal.version.FamilySettings;
import io.lsmdb.internal.version.VersionEdit;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The step of opening that gives the families of the manifest their options and states.
 *
 * <p>Used once, by one thread. Either all families can have the options that are given, or the
 * store is not opened, and nothing is changed.
 */
final class FamilyLoader {
  private static final Logger LOG = LoggerFactory.getLogger("io.lsmdb");

  private final EngineContext context;
  private final boolean isNewStore;

  FamilyLoader(EngineContext context, boolean isNewStore) {
    this.context = context;
    this.isNewStore = isNewStore;
  }

  /** Adds the states of all families, and records what their options change. */
  void load() {
    Map<Family, OptionsMatch> matches = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Family family : context.versions().families()) {
      OptionsMatch match = match(family);
      matches.put(family, match);
      for (String problem : match.problems()) {
        problems.add("the column family " + family.name() + ": " + problem);
      }
    }
    if (!problems.isEmpty()) {
      throw new InvalidOptionsException(
          "the options do not fit "
              + context.token()
              + "; nothing has been changed: "
              + String.join("; ", problems));
    }
    List<ChangedFamily> changes = new ArrayList<>();
    matches.forEach(
        (family, match) -> {
          FamilySettings settings = OptionsMatch.settings(match.options());
          if (!settings.equals(family.settings())) {
            changes.add(new ChangedFamily(family.id(), settings));
          }
          context.addFamily(family.id(), match.options());
        });
    if (!changes.isEmpty()) {
      context.versions().logAndApply(VersionEdit.builder().changeFamilies(changes).build());
    }
    if (!isNewStore) {
      matches.forEach((family, match) -> report(context, family.name(), match.differences()));
      reportUnknownNames();
    }
  }

  private OptionsMatch match(Family family) {
    ColumnFamilyOptions own = context.options().familyOptions().get(family.name());
    boolean isOwn = own != null || family.id() == Family.DEFAULT_ID;
    return OptionsMatch.of(family.settings(), context.familyOptions(family.name()), isOwn);
  }

  /** Tells log and listener where given settings of a family differ from recorded ones. */
  static void report(EngineContext context, String family, List<Difference> differences) {
    for (Difference one : differences) {
      LOG.warn(
          "column family {} of {}: {}; {}",
          family,
          context.token(),
          one,
          one.isApplied()
              ? "the given one takes effect and is recorded"
              : "the recorded one stays, as the given one is for new families; name the family in"
                  + " DbOptions.familyOptions to change it");
      context
          .events()
          .report(
              listener ->
                  listener.onSettingDiffers(
                      family, one.setting(), one.recorded(), one.given(), one.isApplied()));
    }
  }

  private void reportUnknownNames() {
    for (String name : new TreeSet<>(context.options().familyOptions().keySet())) {
      if (context.families().byName(name) == null) {
        LOG.warn(
            "familyOptions has options for {}, but {} has no column family of that name so far;"
                + " they hold once createColumnFamily creates it. Its families are {}",
            name,
            context.token(),
            context.families().all());
        context.events().report(listener -> listener.onUnknownFamily(name));
      }
    }
  }
}
