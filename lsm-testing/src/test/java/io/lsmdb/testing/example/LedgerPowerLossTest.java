package io.lsmdb.testing.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.testing.CrashMode;
import io.lsmdb.testing.Operation;
import io.lsmdb.testing.Seed;
import io.lsmdb.testing.SimulatedMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The ledger keeps its promises through losses of power. */
final class LedgerPowerLossTest {
  private static final DbOptions OPTIONS = DbOptions.builder().build();
  private static final List<String> NAMES = List.of("anna", "bert", "carl");

  /** What a loss of power leaves, and how many transfers had returned before it. */
  private record Loss(long returned, SimulatedMachine machine) {}

  @Test
  void transfersSurviveALossOfPowerAtAnyMoment() {
    Seed.check(2, LedgerPowerLossTest::transferAndCheck);
  }

  private static void transferAndCheck(long seed) {
    Random random = new Random(seed);
    SimulatedMachine machine = SimulatedMachine.stepped(seed);
    Db db = machine.open(OPTIONS);
    Ledger ledger = new Ledger(db);
    ledger.openAccounts(100, NAMES.toArray(String[]::new));

    // The power fails before each sync, and before some other changes of the disk.
    long[] returned = new long[1];
    List<Loss> losses = new ArrayList<>();
    machine.observe(
        (index, operation, path) -> {
          if (Operation.SYNCS.contains(operation) || random.nextInt(4) == 0) {
            CrashMode mode = CrashMode.values()[random.nextInt(CrashMode.values().length)];
            losses.add(new Loss(returned[0], machine.crash(mode, index)));
          }
        });
    for (int i = 0; i < 40; i++) {
      int from = random.nextInt(NAMES.size());
      int to = (from + 1 + random.nextInt(NAMES.size() - 1)) % NAMES.size();
      ledger.transfer(NAMES.get(from), NAMES.get(to), random.nextInt(50));
      returned[0]++;
      if (random.nextInt(10) == 0) {
        machine.during(db::flush);
      }
    }
    machine.during(db::close);

    assertTrue(losses.size() > 40, "the power failed " + losses.size() + " times");
    losses.forEach(LedgerPowerLossTest::check);
  }

  private static void check(Loss loss) {
    SimulatedMachine machine = loss.machine();
    Db db = machine.open(OPTIONS);
    Ledger ledger = new Ledger(db);
    assertEquals(300, ledger.total(), "money was made or lost");
    assertTrue(ledger.transfers() >= loss.returned(), "a transfer is lost that had returned");
    ledger.transfer("anna", "bert", 1); // it goes on
    machine.during(db::close);
  }
}
