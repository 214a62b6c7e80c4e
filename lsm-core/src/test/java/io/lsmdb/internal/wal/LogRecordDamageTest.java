package io.lsmdb.internal.wal;

import io.lsmdb.internal.record.RecordDamageTest;
import io.lsmdb.internal.record.RecordFileType;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.MemFileSystem;

/** The common damage to record files, in the newest segment of a log. */
class LogRecordDamageTest extends RecordDamageTest {
  private static LogHarness log(long seed, int records) {
    LogHarness log = new LogHarness(new MemFileSystem(), seed);
    log.open();
    for (int i = 0; i < records; i++) {
      log.append(30, 0, i % 3 == 1);
    }
    log.append(21, 2, false);
    log.append(30, 0, false);
    return log;
  }

  private static Subject subject(LogHarness log) {
    MemFileSystem disk = (MemFileSystem) log.fs;
    return new Subject(
        log.read(1),
        0,
        content -> {
          LogHarness copy = log.on(disk.crashImage(CrashMode.KEEP_ALL, 0));
          copy.replace(1, content);
          copy.replay();
          LogHarness.assertSameItems(
              log.appended.subList(0, copy.recovered.size()), copy.recovered);
          LogReport.Cut cut = copy.report.cut();
          return new Read(copy.recovered.size(), cut == null ? -1 : cut.offset());
        });
  }

  @Override
  protected RecordFileType type() {
    return LogFormat.SEGMENT;
  }

  @Override
  protected boolean isFilledAhead() {
    return true;
  }

  @Override
  protected Subject killed() {
    return subject(log(1, 4));
  }

  @Override
  protected Subject closed() {
    LogHarness log = log(2, 4);
    log.close();
    return subject(log);
  }

  @Override
  protected byte[] older() {
    return log(3, 12).read(1);
  }
}
