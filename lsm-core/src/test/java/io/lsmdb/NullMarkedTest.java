package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Each package that the module exports says where null may be, so that NullAway checks it. */
class NullMarkedTest {
  @Test
  void everyExportedPackageIsNullMarked() throws Exception {
    List<String> exported = exportedPackages();
    assertFalse(exported.isEmpty());
    for (String name : exported) {
      assertTrue(Class.forName(name + ".package-info").isAnnotationPresent(NullMarked.class), name);
    }
  }

  /** Read from the descriptor, since the tests run on the class path. */
  private static List<String> exportedPackages() throws IOException {
    URI classes = URI.create(Db.class.getResource("Db.class") + "/../../../");
    try (InputStream descriptor =
        classes.normalize().resolve("module-info.class").toURL().openStream()) {
      return ModuleDescriptor.read(descriptor).exports().stream()
          .filter(exports -> !exports.isQualified())
          .map(ModuleDescriptor.Exports::source)
          .toList();
    }
  }
}
