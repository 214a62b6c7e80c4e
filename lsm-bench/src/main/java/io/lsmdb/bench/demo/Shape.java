package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.MergeOperator;
import io.lsmdb.operators.Aggregate;
import io.lsmdb.operators.ListAppend;
import java.util.HashMap;
import java.util.Map;

/** The four shapes of operator state, each kept in a column family of its own. */
enum Shape {
  /** Map: user and merchant → running spend in pence (8 bytes). */
  SPEND("spend", "map: spend per user and merchant"),

  /**
   * List: user → the last {@link Layout#RECENT} purchases (16 bytes each, oldest first), which a
   * merge operator appends to.
   */
  RECENT("recent", "list: last purchases per user"),

  /** Value: user → risk tier (1 byte), purchases and returns in pence (8 bytes each). */
  TIER("tier", "value: risk tier per user"),

  /** Aggregate: user and hour → count, sum, smallest and largest amount (8 bytes each). */
  HOURLY("hourly", "aggregate: count, sum, min, max per user and hour");

  final String family;
  final String description;

  Shape(String family, String description) {
    this.family = family;
    this.description = description;
  }

  /** The options of all four families, by name. */
  static Map<String, ColumnFamilyOptions> familyOptions(long writeBuffer) {
    Map<String, ColumnFamilyOptions> options = new HashMap<>();
    for (Shape shape : values()) {
      options.put(
          shape.family,
          ColumnFamilyOptions.builder()
              .writeBufferSize(writeBuffer)
              .mergeOperator(shape.operator())
              .build());
    }
    return options;
  }

  /** What the view of this shape needs; null for none. */
  private MergeOperator operator() {
    return switch (this) {
      case SPEND, TIER -> null;
      case RECENT -> ListAppend.OPERATOR;
      case HOURLY -> Aggregate.OPERATOR;
    };
  }
}
