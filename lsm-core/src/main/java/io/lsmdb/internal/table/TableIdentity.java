package io.lsmdb.internal.table;

/**
 * What makes a table's content unique in the world. Immutable.
 *
 * @param databaseIdHigh upper half of the random id of the database that writes it
 * @param databaseIdLow lower half of that id
 * @param session random number of this opening of the database
 * @param fileNumber number of the file within the database
 * @param contentId random number that salts every checksum of the file; not {@link #ANY_CONTENT_ID}
 */
public record TableIdentity(
    long databaseIdHigh, long databaseIdLow, long session, long fileNumber, long contentId) {
  /** Stands for "whatever the file says" where a table is opened; no table has it. */
  public static final long ANY_CONTENT_ID = -1;

  /** Checks the bounds. */
  public TableIdentity {
    if (contentId == ANY_CONTENT_ID) {
      throw new IllegalArgumentException("content id -1 is reserved");
    }
    if (fileNumber < 0) {
      throw new IllegalArgumentException("file number " + fileNumber + " is negative");
    }
  }
}
