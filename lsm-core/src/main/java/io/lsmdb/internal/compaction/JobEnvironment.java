package io.lsmdb.internal.compaction;

import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.table.TableFormat;
import io.lsmdb.internal.version.TableCache;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;

/**
 * What flushes and compactions need of the store around them.
 *
 * <p>Immutable; everything in it is thread-safe, because subcompactions share it.
 *
 * @param fileSystem where files are
 * @param directory the store's directory
 * @param tables opens input tables
 * @param numbers gives file numbers that were never used before
 * @param contentIds gives random numbers that identify contents
 * @param databaseId names the store
 * @param session names this opening of the store
 * @param clockMillis the time in ms since 1970
 * @param formatOfLevel how tables of a level are laid out
 * @param rules what the family's settings say of its entries
 * @param subcompactions runs parts of a compaction beside its own thread; may be busy or refuse
 * @param maxSubcompactions most parts of one compaction, at least 1
 */
public record JobEnvironment(
    FileSystem fileSystem,
    Path directory,
    TableCache tables,
    LongSupplier numbers,
    LongSupplier contentIds,
    DatabaseId databaseId,
    long session,
    LongSupplier clockMillis,
    IntFunction<TableFormat> formatOfLevel,
    DropRules rules,
    Executor subcompactions,
    int maxSubcompactions) {

  /**
   * The random 128-bit number that names a store.
   *
   * @param high upper half
   * @param low lower half
   */
  public record DatabaseId(long high, long low) {}

  /** Checks the bounds. */
  public JobEnvironment {
    if (maxSubcompactions < 1) {
      throw new IllegalArgumentException("maxSubcompactions " + maxSubcompactions + " is below 1");
    }
  }
}
