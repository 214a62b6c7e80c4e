package io.lsmdb.testing.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.Db;
import io.lsmdb.DbException;
import io.lsmdb.DbOptions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Fault;
import io.lsmdb.testing.SimulatedMachine;
import org.junit.jupiter.api.Test;

/** The ledger keeps its promises on a failing disk. */
final class LedgerFaultTest {
  private static final DbOptions OPTIONS = DbOptions.builder().build();

  @Test
  void aTransferThatReturnedIsThereWhicheverOperationFailed() {
    int nth = 1;
    while (failAndCheck(nth)) {
      nth++;
    }
    assertTrue(nth > 5, "only " + nth + " operations");
  }

  /** Returns false when there was no such operation, so that nothing failed. */
  private static boolean failAndCheck(int nth) {
    SimulatedMachine machine = SimulatedMachine.stepped(nth);
    Db db = machine.open(OPTIONS);
    Ledger ledger = new Ledger(db);
    ledger.openAccounts(100, "anna", "bert");
    machine.failAt(nth, Fault.IO_ERROR_ONCE);
    long returned = 0;
    try {
      ledger.transfer("anna", "bert", 30);
      returned++;
      machine.during(db::flush);
      ledger.transfer("bert", "anna", 10);
      returned++;
    } catch (DbException e) {
      // A transfer that throws may have happened or not. Half of one must not.
    }
    boolean failed = machine.injectedFaults() > 0;
    SimulatedMachine restarted = machine.crash(CrashMode.DROP_ALL, nth);
    machine.clearFaults();
    machine.during(() -> closeFailed(db));

    Db reopened = restarted.open(OPTIONS);
    Ledger found = new Ledger(reopened);
    assertEquals(200, found.total(), "money was made or lost");
    assertTrue(found.transfers() >= returned, "a transfer is lost that had returned");
    restarted.during(reopened::close);
    return failed;
  }

  /** Closes a store whose disk has failed. */
  private static void closeFailed(Db db) {
    try {
      db.close();
    } catch (DbException e) {
      // It was told before, by the call that failed.
    }
  }
}
