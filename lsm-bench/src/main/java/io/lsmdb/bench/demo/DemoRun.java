package io.lsmdb.bench.demo;

import io.lsmdb.ColumnFamily;
import io.lsmdb.Db;
import io.lsmdb.DbStats;
import io.lsmdb.bench.Directories;
import io.lsmdb.bench.Progress;
import io.lsmdb.bench.demo.Verifier.MismatchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One run of the demo: feed the store, freeze a snapshot, scan, close, reopen, compare.
 *
 * <p>Not thread-safe; used once. The parts: {@link PurchaseState} is the operator, {@link
 * ExpectedState} the recomputation, {@link Verifier} the comparison, {@link DemoReport} the output.
 */
final class DemoRun {
  private static final int PROGRESS_EVERY = 64;
  private static final int MERCHANTS_SHOWN = 5;

  private final DemoSettings settings;
  private final StoreDirectory directory;
  private final PrintWriter out;
  private final MalformedLines malformed;
  private final DemoReport report;
  private final ExpectedState expected = new ExpectedState();
  private final Latencies latencies = new Latencies();
  private long events;

  DemoRun(DemoSettings settings, StoreDirectory directory, PrintWriter out, PrintWriter err) {
    this.settings = settings;
    this.directory = directory;
    this.out = out;
    this.malformed = new MalformedLines(err);
    this.report = new DemoReport(out);
  }

  /**
   * Does it all.
   *
   * @return whether there was at least one event
   * @throws MismatchException if the store shows anything else than what was written
   */
  boolean run() throws IOException {
    report.start(settings, directory.path());
    EventCounts background = new EventCounts();
    try (Purchases purchases = settings.input().open(malformed);
        Db db = open(background)) {
      feed(db, purchases);
      if (events > 0) {
        DbStats stats = db.stats();
        report.operations(latencies);
        report.written(stats, background);
      }
    }
    report.malformed(malformed.count());
    if (events == 0) {
      return false;
    }
    report.size(Directories.size(directory.path()));
    verifyReopened();
    report.end(directory);
    return true;
  }

  private Db open(EventCounts background) {
    return settings.store().open(directory.path(), background.listeningTo(settings.options()));
  }

  private void feed(Db db, Purchases purchases) throws IOException {
    PurchaseState state = new PurchaseState(db, settings.durability(), latencies);
    Map<Shape, ColumnFamily> families = PurchaseState.families(db);
    Progress progress = new Progress(out, settings.terminal(), "events", System::nanoTime);
    try (MidStreamSnapshot snapshot = new MidStreamSnapshot(db, families)) {
      long start = System.nanoTime();
      for (Purchase p = purchases.next(); p != null; p = purchases.next()) {
        state.apply(p);
        expected.apply(p);
        events++;
        snapshot.maybeTake(events, purchases.fraction());
        if (events % PROGRESS_EVERY == 0) {
          progress.update(purchases.fraction(), events);
        }
      }
      progress.update(purchases.fraction(), events);
      progress.end();
      long nanos = System.nanoTime() - start - snapshot.nanos();
      if (events > 0) {
        report.throughput(events, nanos, latencies.totalNanos());
        listMerchants(state);
        checkFrozen(snapshot, StateHash.ofNow(families));
      }
    }
  }

  /** Lists a user's merchants, and compares the list with the recomputation. */
  private void listMerchants(PurchaseState state) {
    long user = expected.busiestUser();
    StringBuilder list = new StringBuilder();
    int merchants = 0;
    try (Stream<Map.Entry<String, Long>> entries = state.merchants(user)) {
      for (Map.Entry<String, Long> entry : (Iterable<Map.Entry<String, Long>>) entries::iterator) {
        byte[] key = Layout.merchantKey(user, entry.getKey());
        if (!Arrays.equals(Layout.spend(entry.getValue()), expected.value(Shape.SPEND, key))) {
          throw new MismatchException(
              "prefix scan: wrong value for " + Layout.describe(Shape.SPEND, key));
        }
        if (merchants < MERCHANTS_SHOWN) {
          list.append(merchants == 0 ? "" : ", ").append(entry.getKey());
          list.append(' ').append(DemoReport.pounds(entry.getValue()));
        }
        merchants++;
      }
    }
    int expectedMerchants = expected.merchants(user);
    if (merchants != expectedMerchants) {
      throw new MismatchException(
          "prefix scan: user "
              + user
              + " has "
              + merchants
              + " merchants, expected are "
              + expectedMerchants);
    }
    report.merchants(user, merchants, list + (merchants > MERCHANTS_SHOWN ? ", …" : ""));
  }

  private void checkFrozen(MidStreamSnapshot snapshot, StateHash live) {
    snapshot.takeIfMissing(events);
    StateHash now = snapshot.hashNow();
    if (!now.equals(snapshot.hashThen())) {
      throw new MismatchException(
          "the snapshot moved: it showed " + snapshot.hashThen() + " and now shows " + now);
    }
    if (snapshot.takenAfter() < events && live.equals(now)) {
      throw new MismatchException("the live view is that of the snapshot after more events");
    }
    report.frozen(snapshot, now, live);
  }

  /** Compares what the log and the tables gave back, then once more what compaction left. */
  private void verifyReopened() {
    long start = System.nanoTime();
    try (Db db = settings.store().open(directory.path(), settings.options())) {
      report.reopened(System.nanoTime() - start);
      Map<Shape, ColumnFamily> families = PurchaseState.families(db);
      Verifier verifier = new Verifier(families, expected);

      start = System.nanoTime();
      Map<Shape, Long> entries = verifier.verify();
      report.verified(entries, System.nanoTime() - start);

      start = System.nanoTime();
      for (ColumnFamily family : families.values()) {
        family.compact(null, null);
      }
      report.compacted(System.nanoTime() - start, db.stats().tableBytes());

      start = System.nanoTime();
      verifier.verify();
      report.verifiedAgain(System.nanoTime() - start);
    }
  }
}
