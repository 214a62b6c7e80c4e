package io.lsmdb.internal.table;

import io.lsmdb.internal.key.InternalKey;

/**
 * What the manifest needs to know of a finished table. Immutable.
 *
 * @param fileSize size in bytes
 * @param contentId the random number that salts the file's checksums
 * @param fileChecksum plain CRC32C of the whole file
 * @param properties what the table says of itself
 */
public record TableSummary(
    long fileSize, long contentId, int fileChecksum, TableProperties properties) {
  /**
   * The table's first internal key.
   *
   * @return the smallest key
   */
  public InternalKey smallest() {
    return properties.smallest();
  }

  /**
   * The table's last internal key.
   *
   * @return the largest key
   */
  public InternalKey largest() {
    return properties.largest();
  }
}
