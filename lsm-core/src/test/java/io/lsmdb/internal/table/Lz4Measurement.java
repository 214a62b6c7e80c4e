package io.lsmdb.internal.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Measures LZ4 codecs on blocks: MB of content per second of thread CPU time, medians of
 * interleaved rounds. A program, not a test.
 *
 * <p>Run with {@code java -cp ... io.lsmdb.internal.table.Lz4Measurement [rounds]}; on JDK 24 and
 * later with {@code --enable-native-access=ALL-UNNAMED}.
 */
public final class Lz4Measurement {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final int BYTES_PER_ROUND = 4 << 20;
  private static final String[] WORDS =
      "the quick brown fox status active user account balance EUR amount name order item"
          .split(" ");

  private final Map<String, Lz4Codec.Compressor> compressors = new LinkedHashMap<>();
  private final Map<String, Decompressor> decompressors = new LinkedHashMap<>();
  private final Random random = new Random(1);
  private long number;

  private interface Decompressor {
    boolean decompress(byte[] from, int length, byte[] to, int expected);
  }

  private Lz4Measurement() {
    add("native", LZ4Factory.nativeInstance());
    add("library's Java", LZ4Factory.safeInstance());
    compressors.put("own", new JavaLz4Compressor()::compress);
    decompressors.put("own", (f, n, t, e) -> JavaLz4Decompressor.decompress(f, 0, n, t, e));
  }

  private void add(String name, LZ4Factory factory) {
    LZ4Compressor compressor = factory.fastCompressor();
    LZ4SafeDecompressor decompressor = factory.safeDecompressor();
    compressors.put(name, (f, n, t) -> compressor.compress(f, 0, n, t, 0, t.length));
    decompressors.put(name, (f, n, t, e) -> decompressor.decompress(f, 0, n, t, 0, e) == e);
  }

  /**
   * Runs all measurements.
   *
   * @param arguments number of rounds
   */
  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    System.out.println("JDK " + Runtime.version());
    Lz4Measurement measurement = new Lz4Measurement();
    for (int size : new int[] {4 << 10, 16 << 10}) {
      for (String kind : List.of("records", "json")) {
        measurement.measure(kind, size, rounds);
      }
    }
  }

  private void measure(String kind, int size, int rounds) {
    byte[][] blocks = new byte[BYTES_PER_ROUND / size][];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = block(kind, size);
    }
    byte[][] packed = new byte[blocks.length][];
    byte[] target = new byte[Lz4Codec.bound(size)];
    byte[] content = new byte[size];
    Map<String, List<Double>> speeds = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      compressors.forEach(
          (name, codec) -> {
            long stored = 0;
            long cpu = -THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < blocks.length; i++) {
              int n = codec.compress(blocks[i], size, target);
              stored += n;
              packed[i] = Arrays.copyOf(target, n);
            }
            cpu += THREADS.getCurrentThreadCpuTime();
            String share = String.format("%.3f", stored / (double) BYTES_PER_ROUND);
            note(speeds, name + " compresses to " + share, cpu);
          });
      decompressors.forEach(
          (name, codec) -> {
            long cpu = -THREADS.getCurrentThreadCpuTime();
            for (int i = 0; i < blocks.length; i++) {
              if (!codec.decompress(packed[i], packed[i].length, content, size)) {
                throw new AssertionError(name);
              }
            }
            cpu += THREADS.getCurrentThreadCpuTime();
            note(speeds, name + " decompresses", cpu);
          });
    }
    speeds.forEach(
        (what, all) -> {
          List<Double> late = new ArrayList<>(all.subList(rounds / 2, rounds));
          Collections.sort(late);
          System.out.printf(
              "%-8s %5d B  %-32s %6.0f MB/s%n", kind, size, what, late.get(late.size() / 2));
        });
  }

  private static void note(Map<String, List<Double>> speeds, String what, long nanos) {
    speeds.computeIfAbsent(what, w -> new ArrayList<>()).add(BYTES_PER_ROUND * 1e3 / nanos);
  }

  private byte[] block(String kind, int size) {
    ByteBuffer buffer = ByteBuffer.allocate(size + 1024);
    while (buffer.position() < size) {
      number++;
      if (kind.equals("records")) {
        putRecord(buffer);
      } else {
        buffer.put(document().getBytes(UTF_8));
      }
    }
    return Arrays.copyOf(buffer.array(), size);
  }

  /** An entry as in a data block: key of 16 bytes, value of 100, half of that zeros. */
  private void putRecord(ByteBuffer buffer) {
    buffer.put((byte) 16).put((byte) 100).put((byte) 1).putShort((short) random.nextInt());
    buffer.putLong(random.nextLong()).putLong(number);
    for (int i = 0; i < 7; i++) {
      buffer.putLong(random.nextLong());
    }
    buffer.position(buffer.position() + 44);
  }

  private String document() {
    StringBuilder text = new StringBuilder("{\"id\":").append(random.nextInt(1 << 24));
    text.append(",\"user\":\"u").append(random.nextInt(100_000)).append("\",\"note\":\"");
    for (int i = 0; i < 6; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.append("\",\"at\":")
        .append(1_700_000_000_000L + 37 * number)
        .append('}')
        .toString();
  }
}
