package io.lsmdb.testing.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lsmdb.Db;
import io.lsmdb.DbOptions;
import io.lsmdb.WriteOptions;
import io.lsmdb.testing.SimulatedMachine;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A session expires after half an hour. */
final class ExpiryTest {
  @Test
  void aSessionExpiresAfterHalfAnHour() {
    SimulatedMachine machine = SimulatedMachine.create(1);
    WriteOptions session = WriteOptions.builder().timeToLive(Duration.ofMinutes(30)).build();
    try (Db db = machine.open(DbOptions.builder().build())) {
      db.put("anna".getBytes(UTF_8), "cart".getBytes(UTF_8), session);
      machine.clock().advance(Duration.ofMinutes(29));
      assertNotNull(db.get("anna".getBytes(UTF_8)));
      machine.clock().advance(Duration.ofMinutes(1));
      assertNull(db.get("anna".getBytes(UTF_8)));
    }
  }
}
