package io.lsmdb.internal.memtable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Shapes of key that the memtable's parts treat differently. */
enum KeyShape {
  RANDOM {
    @Override
    byte[] key(int i, Random random) {
      return bytes(random, 16);
    }
  },
  RANDOM_LENGTH {
    @Override
    byte[] key(int i, Random random) {
      return bytes(random, random.nextInt(40));
    }
  },
  SEQUENTIAL {
    @Override
    byte[] key(int i, Random random) {
      return text(String.format("%08d", i));
    }
  },
  REVERSE_SEQUENTIAL {
    @Override
    byte[] key(int i, Random random) {
      return text(String.format("%08d", 10_000_000 - i));
    }
  },
  SHARED_PREFIX {
    @Override
    byte[] key(int i, Random random) {
      return text("application/session/" + random.nextInt(100_000));
    }
  },
  SHARED_PREFIX_SEQUENTIAL {
    @Override
    byte[] key(int i, Random random) {
      return text(String.format("application/session/%08d", i));
    }
  },
  MANY_USERS {
    @Override
    byte[] key(int i, Random random) {
      return text(String.format("user-%04d/item/%08d", random.nextInt(20), i));
    }
  },
  LONG_SHARED_PREFIX {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = new byte[302];
      Arrays.fill(key, (byte) 'x');
      int n = random.nextInt(65536);
      key[300] = (byte) (n >>> 8);
      key[301] = (byte) n;
      return key;
    }
  },
  EACH_A_PREFIX_OF_OTHERS {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = new byte[random.nextInt(200)];
      Arrays.fill(key, (byte) (random.nextInt(10) == 0 ? 'b' : 'a'));
      return key;
    }
  },
  ZEROS_AT_THE_END {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = bytes(random, random.nextInt(4));
      for (int j = 0; j < key.length; j++) {
        key[j] &= 1;
      }
      return Arrays.copyOf(key, key.length + random.nextInt(20));
    }
  },
  ZEROS_AT_THE_START {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = new byte[random.nextInt(24)];
      if (key.length > 0) {
        key[key.length - 1] = (byte) random.nextInt(256);
      }
      return key;
    }
  },
  TINY_ALPHABET {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = bytes(random, random.nextInt(12));
      for (int j = 0; j < key.length; j++) {
        key[j] = (byte) ((key[j] & 1) == 0 ? 0 : 0xFF);
      }
      return key;
    }
  },
  ONE_KEY {
    @Override
    byte[] key(int i, Random random) {
      return text("the only one");
    }
  },
  LONGEST {
    @Override
    byte[] key(int i, Random random) {
      byte[] key = new byte[64 * 1024 - random.nextInt(3)];
      key[random.nextInt(2) == 0 ? 5 : 65_000] = (byte) random.nextInt(256);
      return key;
    }

    @Override
    int testKeys() {
      return 120;
    }
  };

  /** The i-th key of a run; shapes decide what is random about it. */
  abstract byte[] key(int i, Random random);

  /** How many keys a model test of this shape takes. */
  int testKeys() {
    return 3000;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] result = new byte[length];
    random.nextBytes(result);
    return result;
  }
}
