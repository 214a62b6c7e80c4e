package io.lsmdb.internal.table;

/** The codecs of stored blocks, with their frozen on-disk numbers. Immutable. */
public enum BlockCodec {
  /** Content as it is. */
  NONE(0),

  /** The LZ4 block format. */
  LZ4(1);

  private final int id;

  BlockCodec(int id) {
    this.id = id;
  }

  /**
   * The number that stands in files.
   *
   * @return never reused or changed
   */
  public int id() {
    return id;
  }
}
