package io.lsmdb.internal.memtable;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Test
  void insertionPutsTheNextSlotAtThePosition() {
    for (int seed = 0; seed < 500; seed++) {
      Random random = new Random(seed);
      long permutation = Permutation.identity(0);
      List<Integer> model = new ArrayList<>();
      for (int slot = 0; slot < Permutation.CAPACITY; slot++) {
        int position = random.nextInt(slot + 1);
        permutation = Permutation.insert(permutation, position);
        model.add(position, slot);
        assertEquals(model, slots(permutation), "seed " + seed);
      }
    }
  }

  @Test
  void identityKeepsSlotsInOrder() {
    for (int count = 0; count <= Permutation.CAPACITY; count++) {
      List<Integer> slots = slots(Permutation.identity(count));
      assertEquals(count, slots.size());
      for (int i = 0; i < count; i++) {
        assertEquals(i, slots.get(i));
      }
    }
  }

  private static List<Integer> slots(long permutation) {
    List<Integer> slots = new ArrayList<>();
    for (int i = 0; i < Permutation.count(permutation); i++) {
      slots.add(Permutation.slot(permutation, i));
    }
    return slots;
  }
}
