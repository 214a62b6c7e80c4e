package io.lsmdb.internal.version;

import io.lsmdb.internal.version.FamilySettings.FifoLimits;
import io.lsmdb.internal.version.VersionEdit.ChangedFamily;
import io.lsmdb.internal.version.VersionEdit.CreatedFamily;
import java.nio.charset.StandardCharsets;

/**
 * The encoding of the description of a family in a manifest record.
 *
 * <p>Stateless. The format is docs/manifest-format.md; its numbers stand here and are frozen.
 */
final class FamilyCodec {
  /** Longest name of a family or of a merge operator in bytes of UTF-8. */
  static final int MAX_NAME_BYTES = 1024;

  /** Longest prefix of keys for filters, in bytes. */
  static final int MAX_PREFIX_LENGTH = 64 * 1024;

  private static final int TIME_TO_LIVE = 32;
  private static final int COUNTS_ENTRIES = 33;
  private static final int FIFO = 34;
  private static final int COMPACTION_FILTER = 96;

  private FamilyCodec() {}

  static void encode(CreatedFamily family, PayloadWriter to) {
    to.varint(family.id());
    to.varint(family.comparatorId());
    to.varint(family.settings().prefixLength());
    to.block(family.name().getBytes(StandardCharsets.UTF_8));
    encode(family.settings(), to);
  }

  static void encode(ChangedFamily family, PayloadWriter to) {
    to.varint(family.id());
    to.varint(family.settings().prefixLength());
    encode(family.settings(), to);
  }

  private static void encode(FamilySettings settings, PayloadWriter to) {
    to.block(settings.mergeOperator().getBytes(StandardCharsets.UTF_8));
    PayloadWriter field = new PayloadWriter();
    if (settings.timeToLive() > 0) {
      to.field(TIME_TO_LIVE, settings.timeToLive());
    }
    if (settings.countsEntries()) {
      to.field(COUNTS_ENTRIES, field);
    }
    if (settings.fifo() != null) {
      field.varint(settings.fifo().maxBytes());
      field.varint(settings.fifo().maxAge());
      to.field(FIFO, field);
      field.clear();
    }
    if (settings.isFiltered()) {
      to.field(COMPACTION_FILTER, field);
    }
  }

  static CreatedFamily createdFamily(PayloadReader from) {
    int id = id(from);
    long comparator = from.varint("comparator id", Integer.MAX_VALUE);
    if (comparator != VersionEdit.BYTEWISE_COMPARATOR) {
      throw from.corrupt("unknown comparator id " + comparator);
    }
    int prefixLength = prefixLength(from);
    String name = from.text("family name", MAX_NAME_BYTES);
    if (name.isEmpty()) {
      throw from.corrupt("empty family name");
    }
    return new CreatedFamily(id, name, (int) comparator, settings(from, prefixLength));
  }

  static ChangedFamily changedFamily(PayloadReader from) {
    int id = id(from);
    int prefixLength = prefixLength(from);
    return new ChangedFamily(id, settings(from, prefixLength));
  }

  /** Reads a family's id. */
  static int id(PayloadReader from) {
    return (int) from.varint("family id", Integer.MAX_VALUE - 1);
  }

  private static int prefixLength(PayloadReader from) {
    return (int) from.varint("prefix length", MAX_PREFIX_LENGTH);
  }

  private static FamilySettings settings(PayloadReader from, int prefixLength) {
    String mergeOperator = from.text("merge operator name", MAX_NAME_BYTES);
    Extras extras = new Extras();
    from.fields(tag -> extras.read(from, tag));
    return new FamilySettings(
        mergeOperator,
        prefixLength,
        extras.timeToLive,
        extras.countsEntries,
        extras.isFiltered,
        extras.fifo);
  }

  /** What may be left out, while it is being read. */
  private static final class Extras {
    private long timeToLive;
    private boolean countsEntries;
    private boolean isFiltered;
    private FifoLimits fifo;

    void read(PayloadReader from, int tag) {
      switch (tag) {
        case TIME_TO_LIVE -> {
          refuseSecond(from, timeToLive > 0);
          timeToLive = from.positive("time to live", Long.MAX_VALUE);
        }
        case COUNTS_ENTRIES -> {
          refuseSecond(from, countsEntries);
          countsEntries = true;
        }
        case FIFO -> {
          refuseSecond(from, fifo != null);
          fifo =
              new FifoLimits(
                  from.varint("largest size of FIFO compaction", Long.MAX_VALUE),
                  from.varint("largest age of FIFO compaction", Long.MAX_VALUE));
          if (!fifo.isPossible()) {
            throw from.corrupt("impossible limits of FIFO compaction");
          }
        }
        case COMPACTION_FILTER -> {
          refuseSecond(from, isFiltered);
          isFiltered = true;
        }
        default -> from.skipUnknown(tag);
      }
    }

    private static void refuseSecond(PayloadReader from, boolean seen) {
      if (seen) {
        throw from.corrupt("repeated field");
      }
    }
  }
}
