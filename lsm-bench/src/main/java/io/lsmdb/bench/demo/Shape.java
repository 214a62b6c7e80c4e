package io.lsmdb.bench.demo;

/** The four shapes of operator state, each kept in a column family of its own. */
enum Shape {
  /** Map: user and merchant → running spend in pence (8 bytes). */
  SPEND("spend", "map: spend per user and merchant"),

  /** List: user → the last {@link Layout#RECENT} purchases (16 bytes each, oldest first). */
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
}
