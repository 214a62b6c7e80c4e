package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.BackgroundEvents.Kind;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.CompactionJobInfo;
import org.rocksdb.FlushJobInfo;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteStallCondition;
import org.rocksdb.WriteStallInfo;

/** Hands on what RocksDB's listener tells of its background work. Thread-safe. */
final class RocksEvents extends AbstractEventListener {
  private final BackgroundEvents events;

  /** When jobs and stalls began, in the time of {@link System#nanoTime()}. */
  private final Map<String, Long> begins = new ConcurrentHashMap<>();

  RocksEvents(BackgroundEvents events) {
    super(
        EnabledEventCallback.ON_FLUSH_BEGIN,
        EnabledEventCallback.ON_FLUSH_COMPLETED,
        EnabledEventCallback.ON_COMPACTION_BEGIN,
        EnabledEventCallback.ON_COMPACTION_COMPLETED,
        EnabledEventCallback.ON_STALL_CONDITIONS_CHANGED);
    this.events = events;
  }

  @Override
  public void onFlushBegin(RocksDB db, FlushJobInfo job) {
    begins.put("flush " + job.getJobId(), System.nanoTime());
  }

  @Override
  public void onFlushCompleted(RocksDB db, FlushJobInfo job) {
    ended(Kind.FLUSH, "flush " + job.getJobId(), "");
  }

  @Override
  public void onCompactionBegin(RocksDB db, CompactionJobInfo job) {
    begins.put("compaction " + job.jobId(), System.nanoTime());
  }

  @Override
  public void onCompactionCompleted(RocksDB db, CompactionJobInfo job) {
    String levels = "level " + job.baseInputLevel() + " to " + job.outputLevel();
    ended(Kind.COMPACTION, "compaction " + job.jobId(), levels);
  }

  /** A stall lasts until writes are normal again, be they delayed or stopped meanwhile. */
  @Override
  public void onStallConditionsChanged(WriteStallInfo stall) {
    WriteStallCondition before = stall.getPreviousCondition();
    if (before != WriteStallCondition.NORMAL) {
      ended(Kind.STALL, "stall", "writes " + before.name().toLowerCase(Locale.ROOT));
    }
    if (stall.getCurrentCondition() != WriteStallCondition.NORMAL) {
      begins.put("stall", System.nanoTime());
    }
  }

  private void ended(Kind kind, String job, String text) {
    Long begin = begins.remove(job);
    events.ended(kind, text, begin == null ? 0 : System.nanoTime() - begin);
  }
}
