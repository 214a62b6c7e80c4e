package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much heap stores hold that do nothing, or are closed; see {@link HeldMemoryMain}. */
class HeldMemoryTest {
  private static final long MIB = 1 << 20;

  @TempDir Path directory;

  @Test
  void theHandleOfAClosedStoreHoldsNextToNothing() throws IOException {
    try (ChildJvm child = start("384m", "closed", "60")) {
      String[] used = child.readLine().split(" ");
      assertEquals("done", child.readLine());
      assertTrue(Long.parseLong(used[0]) > 40 * MIB, used[0] + " bytes while it was open");
      assertTrue(Long.parseLong(used[1]) < 8 * MIB, used[1] + " bytes afterwards");
    }
  }

  @Test
  void manyIdleStoresShareABoundOfIdleMemory() throws IOException {
    try (ChildJvm child = start("192m", "many", "15", "24")) {
      long used = Long.parseLong(child.readLine());
      assertEquals("done", child.readLine());
      assertTrue(used < 64 * MIB, used + " bytes, of which 24 MiB are idle and 8 MiB cached");
    }
  }

  private ChildJvm start(String heap, String name, String... arguments) throws IOException {
    String[] all = new String[arguments.length + 2];
    all[0] = name;
    all[1] = directory.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return ChildJvm.startWithHeap(heap, HeldMemoryMain.class, all);
  }
}
