package io.lsmdb.internal.compaction.pick;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.CompactionStyle;
import io.lsmdb.internal.key.Expiry;
import io.lsmdb.internal.key.InternalKey;
import io.lsmdb.internal.range.RangeTombstones;
import io.lsmdb.internal.version.FileMetadata;
import io.lsmdb.internal.version.Version;
import io.lsmdb.internal.version.VersionFixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pickers' decisions as text: each case gives levels and what must be picked from them. With
 * the system property {@code picker.rewrite} set to a folder, the answers found are written there
 * instead of being compared.
 */
class PickerGoldenTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "picker.txt",
        "universal.txt",
        "fifo.txt",
        "age.txt",
        "deleted.txt",
        "snapshot.txt"
      })
  void decisionsAreAsWrittenDown(String resource) throws IOException {
    String text;
    try (InputStream in = PickerGoldenTest.class.getResourceAsStream(resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    StringBuilder actual = new StringBuilder();
    Scenario scenario = new Scenario();
    int decisions = 0;
    for (String line : text.split("\n")) {
      if (line.startsWith("=> ")) {
        continue; // an expectation, to be found again
      }
      actual.append(line).append('\n');
      String[] words = line.split(" +");
      switch (words[0]) {
        case "case" -> scenario = new Scenario();
        case "pick", "range", "blocked", "pending", "targets", "drop" -> {
          actual.append("=> ").append(scenario.answer(words)).append('\n');
          decisions++;
        }
        default -> scenario.define(line, words);
      }
    }
    String rewrite = System.getProperty("picker.rewrite");
    if (rewrite != null) {
      Files.writeString(Path.of(rewrite, resource), actual);
      return;
    }
    assertTrue(decisions > 5);
    assertEquals(text, actual.toString());
  }

  /** Levels, options and running compactions as given so far; not thread-safe. */
  private static final class Scenario {
    private final Map<Integer, List<FileMetadata>> levels = new TreeMap<>();
    private final Map<Long, FileMetadata> files = new TreeMap<>();
    private final List<Compaction> running = new ArrayList<>();
    private final byte[][] cursors = new byte[Version.LEVELS][];
    private LevelOptions options = new LevelOptions(4, 8, 320, 10, 80, 1, Long.MAX_VALUE);
    private Picker picker = new LeveledPicker();
    private long now;
    private long[] snapshots = {};
    private long expiryClock = Expiry.BEFORE_ALL;
    private RangeTombstones ranges = RangeTombstones.EMPTY;

    void define(String line, String[] words) {
      switch (words[0]) {
        case "", "#" -> {}
        case "options" ->
            options =
                new LevelOptions(
                    (int) number(line, "trigger", 4),
                    (int) number(line, "limit", 2 * number(line, "trigger", 4)),
                    number(line, "base", 320),
                    (int) number(line, "multiplier", 10),
                    number(line, "target", 80),
                    (int) number(line, "movable", 1),
                    number(line, "age", Long.MAX_VALUE));
        case "style" -> picker = Pickers.of(style(line, words[1]));
        case "now" -> {
          now = Long.parseLong(words[1]);
          expiryClock = now;
        }
        case "snapshot" ->
            snapshots = Stream.of(words).skip(1).mapToLong(Long::parseLong).toArray();
        case "cursor" -> cursors[level(words[1])] = bytes(words[2]);
        case "deleted" -> {
          String[] range = words[1].split("-");
          delete(range[0], range[1], Long.parseLong(words[2]));
        }
        case "pieces" -> {
          RangeTombstones.Builder pieces = new RangeTombstones.Builder();
          for (int i = 0; i < Integer.parseInt(words[1]); i++) {
            String from = String.format("%s%06d", words[2], i);
            pieces.add(bytes(from), Long.parseLong(words[3])).add(bytes(from + "~"));
          }
          ranges = ranges.union(pieces.build());
        }
        case "running" ->
            running.add(running(level(words[1]), words[2], level(words[4]), words[5]));
        default -> file(line, words);
      }
    }

    private void delete(String from, String to, long sequence) {
      ranges =
          ranges.union(
              new RangeTombstones.Builder().add(bytes(from), sequence).add(bytes(to)).build());
    }

    private static CompactionStyle style(String line, String name) {
      return switch (name) {
        case "leveled" -> CompactionStyle.leveled();
        case "universal" ->
            CompactionStyle.universal()
                .sizeRatio((int) number(line, "ratio", 1))
                .minMergeWidth((int) number(line, "min", 2))
                .maxMergeWidth((int) number(line, "max", Integer.MAX_VALUE))
                .maxSizeAmplification((int) number(line, "space", 200));
        case "fifo" -> {
          long age = number(line, "age", 0);
          yield CompactionStyle.fifo()
              .maxBytes(number(line, "bytes", Long.MAX_VALUE))
              .maxAge(age == 0 ? null : Duration.ofMillis(age));
        }
        default -> throw new IllegalArgumentException(name);
      };
    }

    /**
     * "L5 17 a-m 80 seq=3-9 tombstones=7/10": level, number, user keys, size, counts;
     * "expiries=3/10-20".
     */
    private void file(String line, String[] words) {
      int level = level(words[0]);
      long number = Long.parseLong(words[1]);
      String[] keys = words[2].split("-");
      String[] sequences = text(line, "seq", number * 10 + "-" + (number * 10 + 9)).split("-");
      String[] counts = text(line, "tombstones", "0/5000").split("/");
      String[] expiries = text(line, "expiries", "0/0-0").split("[/-]");
      long low = Long.parseLong(sequences[0]);
      long high = Long.parseLong(sequences[1]);
      FileMetadata file =
          new FileMetadata(
              number,
              1,
              new FileMetadata.Content(
                  number, Long.parseLong(words[3]), 0, number(line, "written", 0)),
              new FileMetadata.Counts(
                  Long.parseLong(counts[1]),
                  Long.parseLong(counts[0]),
                  low,
                  high,
                  new FileMetadata.Expiries(
                      Long.parseLong(expiries[0]),
                      Long.parseLong(expiries[1]),
                      Long.parseLong(expiries[2])),
                  number(line, "cleared", 0),
                  retained(line)),
              new InternalKey(bytes(keys[0]), InternalKey.trailer(high, 1)),
              new InternalKey(bytes(keys[1]), InternalKey.trailer(low, 1)));
      levels.computeIfAbsent(level, l -> new ArrayList<>()).add(file);
      files.put(number, file);
    }

    /** "retained=1000/20@5-8/2": entries and bytes, oldest and newest snapshot, how many. */
    private static FileMetadata.Retained retained(String line) {
      long[] numbers =
          Stream.of(text(line, "retained", "0/0@0-0/0").split("[/@-]"))
              .mapToLong(Long::parseLong)
              .toArray();
      return new FileMetadata.Retained(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    private Compaction running(int level, String inputs, int outputLevel, String others) {
      return new Compaction(
          1,
          Compaction.Reason.LEVEL_SIZE,
          level,
          outputLevel,
          numbered(inputs),
          List.of(),
          numbered(others),
          List.of(),
          List.of(),
          Compaction.Work.REWRITE,
          1,
          1);
    }

    private List<FileMetadata> numbered(String numbers) {
      List<FileMetadata> result = new ArrayList<>();
      for (String number : numbers.split(",")) {
        if (!number.equals("none")) {
          result.add(files.get(Long.parseLong(number)));
        }
      }
      return result;
    }

    String answer(String[] words) {
      List<List<FileMetadata>> all = new ArrayList<>();
      for (int level = 0; level < Version.LEVELS; level++) {
        all.add(levels.getOrDefault(level, List.of()));
      }
      Version version = VersionFixtures.version(all, ranges);
      PickerInput input =
          new PickerInput(1, version, options, running, cursors, snapshots, now, expiryClock);
      return switch (words[0]) {
        case "pick" -> describe(picker.pick(input));
        case "pending" -> String.valueOf(picker.pendingBytes(version, options));
        case "targets" -> describe(LevelTargets.of(version, options));
        case "range" ->
            describe(
                picker.pickRange(
                    input, bound(words[1]), bound(words[2]), level(words[3]), below(words)));
        case "drop" -> {
          long newest = number(String.join(" ", words), "snapshot", -1);
          String chosen =
              FilesInRange.choose(input, bound(words[1]), bound(words[2]), newest).stream()
                  .map(drop -> "L" + drop.level() + list(drop.inputs()))
                  .collect(Collectors.joining(" "));
          yield chosen.isEmpty() ? "nothing" : chosen;
        }
        case "blocked" ->
            String.valueOf(
                picker.isRangeBlocked(
                    input, bound(words[1]), bound(words[2]), level(words[3]), below(words)));
        default -> throw new IllegalArgumentException(words[0]);
      };
    }

    private static String describe(LevelTargets targets) {
      StringBuilder text = new StringBuilder("base L" + targets.baseLevel());
      for (int level = targets.baseLevel(); level < Version.LEVELS - 1; level++) {
        text.append(" L").append(level).append("<=").append(targets.target(level));
      }
      return text.toString();
    }

    private static String describe(Optional<Compaction> found) {
      if (found.isEmpty()) {
        return "nothing";
      }
      Compaction c = found.get();
      StringBuilder text = new StringBuilder();
      text.append(c.reason()).append(" L").append(c.level()).append(list(c.inputs()));
      if (c.work() == Compaction.Work.MOVE) {
        text.append(" moves");
      }
      if (c.work() == Compaction.Work.DROP) {
        return text.append(" dropped").toString();
      }
      for (Compaction.Source source : c.between()) {
        text.append(" and L").append(source.level()).append(list(source.files()));
      }
      text.append(" to L").append(c.outputLevel()).append(list(c.outputLevelInputs()));
      if (!c.grandparents().isEmpty()) {
        text.append(" grandparents").append(list(c.grandparents()));
      }
      for (List<FileMetadata> older : c.older()) {
        text.append(" above").append(list(older));
      }
      return text.toString();
    }

    private static String list(List<FileMetadata> files) {
      return files.stream()
          .map(file -> String.valueOf(file.number()))
          .collect(Collectors.joining(" ", "(", ")"));
    }

    /** "below=9" at the end of a range that is rewritten. */
    private static long below(String[] words) {
      return number(words[words.length - 1], "below", 0);
    }

    private static byte[] bound(String word) {
      return word.equals("*") ? null : bytes(word);
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int level(String word) {
      return Integer.parseInt(word.substring(1));
    }

    private static long number(String line, String name, long otherwise) {
      return Long.parseLong(text(line, name, String.valueOf(otherwise)));
    }

    private static String text(String line, String name, String otherwise) {
      for (String word : line.split(" +")) {
        if (word.startsWith(name + "=")) {
          return word.substring(name.length() + 1);
        }
      }
      return otherwise;
    }
  }
}
