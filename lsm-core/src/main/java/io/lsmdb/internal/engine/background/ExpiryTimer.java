package io.lsmdb.internal.engine.background;

import io.lsmdb.internal.compaction.pick.NextByClock;
import io.lsmdb.internal.compaction.pick.PickerInput;
import io.lsmdb.internal.engine.family.ColumnFamilyState;
import io.lsmdb.internal.engine.runtime.Alarm;
import io.lsmdb.internal.engine.runtime.DbMutex;
import io.lsmdb.internal.engine.runtime.Environment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The alarm that has compactions looked for when the clocks alone give a store something to do.
 *
 * <p>Thread-safe. Owned by the background worker, which closes it.
 *
 * <ol>
 *   <li>It is set only while a family has a table that will expire or become too old.
 *   <li>It rings once a second at most, and once a minute at least: so a clock may jump, and a time
 *       source may run at any pace. When it rings, two numbers a family are compared with the
 *       clocks, no tables.
 *   <li>Nothing of it happens after the store has begun to close: that is looked at under the state
 *       monitor.
 * </ol>
 */
public final class ExpiryTimer {
  private static final long SHORTEST_MILLIS = 1_000;
  private static final long LONGEST_MILLIS = 60_000;

  private final LongSupplier clockMillis;
  private final boolean systemTime;
  private final DbMutex mutex;
  private final Owner owner;
  private final Alarm alarm;

  /** What the last look for compactions has found to come; replaced as a whole. */
  private volatile List<Watched> watched = List.of();

  private record Watched(ColumnFamilyState family, NextByClock next) {}

  /** Acts on what the timer finds. */
  public interface Owner {
    /** Whether background work may begin. */
    boolean isWorking();

    /** Looks for compactions; the timer is set anew by that. */
    void lookForCompactions();

    /** Judges a failure of the timer. */
    void failed(Throwable failure);
  }

  /**
   * Creates a timer that is not set.
   *
   * @param env clock and alarms
   * @param systemTime whether entries expire by that clock
   * @param mutex guards the families
   * @param owner acts when something is due
   */
  public ExpiryTimer(Environment env, boolean systemTime, DbMutex mutex, Owner owner) {
    this.clockMillis = env.clockMillis();
    this.systemTime = systemTime;
    this.mutex = mutex;
    this.owner = owner;
    this.alarm = env.executors().createAlarm("clock", this::ring);
  }

  /** One look at all families for which nothing was picked; see {@link #looked}. */
  static final class Look {
    private final List<Watched> found = new ArrayList<>();

    void nothingPicked(ColumnFamilyState family, PickerInput input) {
      NextByClock next = family.picker().nextByClock(input);
      if (!next.isNever()) {
        found.add(new Watched(family, next));
      }
    }
  }

  /** Notes what a look has found; with the state monitor held, so that looks keep their order. */
  void looked(Look look) {
    watched = List.copyOf(look.found);
  }

  /** Sets the alarm by the last look. */
  synchronized void set() {
    List<Watched> all = watched;
    if (all.isEmpty()) {
      alarm.cancel();
      return;
    }
    long now = clockMillis.getAsLong();
    long millis = LONGEST_MILLIS;
    for (Watched one : all) {
      millis = Math.min(millis, wait(one.next.ageMillis(), now));
      if (systemTime) {
        millis = Math.min(millis, wait(one.next.expiryMillis(), now));
      }
    }
    alarm.set(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** How long to wait for a moment, within the bounds. */
  private static long wait(long moment, long now) {
    if (moment <= now) {
      return SHORTEST_MILLIS;
    }
    long left = moment - now; // negative: too long to count
    return left < 0 ? LONGEST_MILLIS : Math.max(SHORTEST_MILLIS, Math.min(left, LONGEST_MILLIS));
  }

  private void ring() {
    try {
      Boolean due = mutex.get(() -> owner.isWorking() ? isAnyDue() : null);
      if (due == null) {
        return;
      }
      if (due) {
        owner.lookForCompactions();
      } else {
        set();
      }
    } catch (Throwable e) {
      owner.failed(e);
    }
  }

  private boolean isAnyDue() {
    long now = clockMillis.getAsLong();
    for (Watched one : watched) {
      if (!one.family.isDropping()
          && (now >= one.next.ageMillis()
              || (one.next.expiryMillis() != NextByClock.NEVER
                  && one.family.clock().now() >= one.next.expiryMillis()))) {
        return true;
      }
    }
    return false;
  }

  void close() {
    alarm.close();
  }
}
