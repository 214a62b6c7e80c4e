package io.lsmdb.internal.wal;

/** Takes the records of a log as replay finds them. */
@FunctionalInterface
public interface LogConsumer {
  /**
   * Takes one record, in the order in which they were appended.
   *
   * @param record to be read before returning
   */
  void accept(LogRecord record);
}
