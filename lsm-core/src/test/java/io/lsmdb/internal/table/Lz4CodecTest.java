package io.lsmdb.internal.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;

/** Both implementations of LZ4: each other's output, hostile input, silence on standard error. */
class Lz4CodecTest {
  private static final Lz4Codec[] CODECS = {Lz4Codec.java(), quietNative()};

  /** The native codec where it loads without a warning, else the Java one twice. */
  private static Lz4Codec quietNative() {
    return Lz4Codec.implementation().equals("native") ? Lz4Codec.nativeOrJava() : Lz4Codec.java();
  }

  @Test
  void eachDecodesWhatTheOtherWrote() {
    Random random = new Random(1);
    for (int length : new int[] {1, 2, 15, 100, 4096, 8192, 70_000, 1 << 20}) {
      byte[] input = new byte[length];
      for (int i = 0; i < length; i++) {
        input[i] = (byte) (i % 3 == 0 ? random.nextInt() : i / 7);
      }
      for (Lz4Codec writer : CODECS) {
        byte[] packed = new byte[Lz4Codec.bound(length)];
        int n = writer.newCompressor().compress(input, length, packed);
        for (Lz4Codec reader : CODECS) {
          byte[] output = new byte[length];
          assertTrue(reader.decompress(packed, 0, n, output, length));
          assertArrayEquals(input, output);
          assertFalse(reader.decompress(packed, 0, n, new byte[length + 1], length + 1));
          assertFalse(reader.decompress(packed, 0, n, new byte[length], length - 1));
        }
      }
    }
  }

  @Test
  void hostileInputIsRefusedOrDecodedWithinItsBounds() {
    for (long seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      byte[] input = Tables.bytes(random, random.nextInt(60));
      if (random.nextBoolean()) {
        byte[] plain = new byte[200];
        byte[] packed = new byte[Lz4Codec.bound(200)];
        input = Arrays.copyOf(packed, CODECS[0].newCompressor().compress(plain, 200, packed));
        input[random.nextInt(input.length)] = (byte) random.nextInt();
      }
      for (Lz4Codec codec : CODECS) {
        byte[] output = new byte[300];
        Arrays.fill(output, 200, 300, (byte) 77);
        try {
          codec.decompress(input, 0, input.length, output, 200);
        } catch (RuntimeException e) {
          throw new AssertionError("seed " + seed, e);
        }
        for (int i = 200; i < 300; i++) {
          assertEquals(77, output[i], "written beyond the end, seed " + seed);
        }
      }
    }
  }

  @Test
  void loadsWithoutAWordOnStandardError() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process child =
        new ProcessBuilder(java.toString(), "-cp", classPath(), Lz4Main.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(child.waitFor(60, TimeUnit.SECONDS));
    assertTrue(
        output.equals("native" + System.lineSeparator())
            || output.equals("java" + System.lineSeparator()),
        output);
    assertEquals(0, child.exitValue());
  }

  /** Where this test, the library and its LZ4 dependency were loaded from. */
  private static String classPath() {
    return Stream.of(Lz4CodecTest.class, Lz4Codec.class, LZ4Factory.class)
        .map(c -> Path.of(location(c)).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static URI location(Class<?> c) {
    return URI.create(c.getProtectionDomain().getCodeSource().getLocation().toString());
  }

  /** What the child process runs. */
  static final class Lz4Main {
    private Lz4Main() {}

    public static void main(String[] arguments) {
      byte[] input = new byte[1000];
      Lz4Codec codec = Lz4Codec.instance();
      byte[] packed = new byte[Lz4Codec.bound(input.length)];
      int n = codec.newCompressor().compress(input, input.length, packed);
      byte[] output = new byte[1000];
      Arrays.fill(output, (byte) 1);
      if (!codec.decompress(packed, 0, n, output, 1000) || !Arrays.equals(input, output)) {
        throw new IllegalStateException("round trip failed");
      }
      System.out.println(Lz4Codec.implementation());
    }
  }
}
