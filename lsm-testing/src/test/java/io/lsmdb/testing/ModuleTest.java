package io.lsmdb.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lsmdb.Db;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the modules show to each other and to users. */
final class ModuleTest {
  private static ModuleDescriptor moduleOf(Class<?> type, String name) throws Exception {
    Path place = Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    return ModuleFinder.of(place).find(name).orElseThrow().descriptor();
  }

  @Test
  void internalPackagesOfTheLibraryAreExportedToTheFixturesOnly() throws Exception {
    for (Exports exports : moduleOf(Db.class, "io.lsmdb").exports()) {
      boolean isInternal = exports.source().startsWith("io.lsmdb.internal");
      assertEquals(
          isInternal ? Set.of("io.lsmdb.testing") : Set.of(), exports.targets(), exports.source());
    }
  }

  @Test
  void theFixturesAreOnePackage() throws Exception {
    ModuleDescriptor module = moduleOf(SimulatedMachine.class, "io.lsmdb.testing");
    assertEquals(Set.of("io.lsmdb.testing"), module.packages());
    assertEquals(1, module.exports().size());
  }
}
