package io.lsmdb.internal.engine.background;

import io.lsmdb.ColumnFamilyOptions;
import io.lsmdb.internal.compaction.DropRules;
import io.lsmdb.internal.compaction.JobEnvironment;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.family.FamilyRules;
import io.lsmdb.internal.engine.runtime.Environment;
import io.lsmdb.internal.version.TableCache;
import io.lsmdb.internal.version.VersionSet;
import java.nio.file.Path;
import java.util.concurrent.Executor;

/**
 * Makes the environments of flush and compaction jobs.
 *
 * @param env files, clock and random numbers
 * @param directory where the store lives
 * @param tables the open SSTables
 * @param versions numbers files
 * @param helpers runs parts of a large compaction
 * @param maxHelpers how many parts run beside the job at most
 */
public record JobEnvironments(
    Environment env,
    Path directory,
    TableCache tables,
    VersionSet versions,
    Executor helpers,
    int maxHelpers) {
  /** The environment of jobs of a family that go by certain rules. */
  JobEnvironment of(ColumnFamilyState family, DropRules rules) {
    ColumnFamilyOptions options = family.options();
    return new JobEnvironment(
        env.fileSystem(),
        directory,
        tables,
        versions::newFileNumber,
        env.random(),
        new JobEnvironment.DatabaseId(versions.databaseIdHigh(), versions.databaseIdLow()),
        versions.session(),
        env.clockMillis(),
        level -> FamilyRules.tableFormat(options, level),
        rules,
        helpers,
        maxHelpers);
  }
}
