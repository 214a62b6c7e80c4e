package io.lsmdb.bench.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

/**
 * Events from lines {@code user,merchant,amount,timestamp} in UTF-8.
 *
 * <p>Not thread-safe; owns and closes its input. Lines end with LF or CRLF, the last one may lack
 * its end; empty lines are ignored; a first line of the column names is skipped, and so is a byte
 * order mark. Every other line that is no event is reported and skipped. Memory does not depend on
 * the input: of a line longer than {@link #MAX_LINE} bytes the rest is read and dropped.
 */
final class CsvPurchases implements Purchases {
  /** Longest line, in bytes without its end. */
  static final int MAX_LINE = 1_024;

  private static final String HEADER = "user,merchant,amount,timestamp";
  private static final int BUFFER = 64 << 10;

  private final InputStream in;
  private final long totalBytes;
  private final MalformedLines malformed;
  private final CharsetDecoder decoder =
      UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final byte[] buffer = new byte[BUFFER];
  private final byte[] line = new byte[MAX_LINE];
  private int position;
  private int limit;
  private long readBytes;
  private long lineNumber;
  private int lineLength;
  private boolean tooLong;

  /**
   * Reads from a stream.
   *
   * @param in closed with this
   * @param totalBytes length of the input, or -1 when unknown
   * @param malformed told of every line that is no event
   */
  CsvPurchases(InputStream in, long totalBytes, MalformedLines malformed) {
    this.in = in;
    this.totalBytes = totalBytes;
    this.malformed = malformed;
  }

  @Override
  public Purchase next() throws IOException {
    while (readLine()) {
      lineNumber++;
      if (lineLength == 0 && !tooLong) {
        continue;
      }
      Purchase purchase = parseLine();
      if (purchase != null) {
        return purchase;
      }
    }
    return null;
  }

  @Override
  public double fraction() {
    if (totalBytes < 0) {
      return -1;
    }
    long done = readBytes - (limit - position);
    return totalBytes == 0 ? 1 : Math.min(1, (double) done / totalBytes);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Reads one line into {@link #line}; false at the end of the input. */
  private boolean readLine() throws IOException {
    lineLength = 0;
    tooLong = false;
    boolean any = false;
    while (position < limit || fill()) {
      any = true;
      byte b = buffer[position++];
      if (b == '\n') {
        break;
      } else if (lineLength < MAX_LINE) {
        line[lineLength++] = b;
      } else {
        // The byte that does not fit may be the CR of the line's end.
        tooLong |= b != '\r' || !nextIsLineFeed();
      }
    }
    if (lineLength > 0 && !tooLong && line[lineLength - 1] == '\r') {
      lineLength--;
    }
    return any;
  }

  private boolean nextIsLineFeed() throws IOException {
    return (position < limit || fill()) && buffer[position] == '\n';
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    readBytes += limit;
    return limit > 0;
  }

  private Purchase parseLine() {
    if (tooLong) {
      return reject("longer than " + MAX_LINE + " bytes");
    }
    String text;
    try {
      text = decoder.decode(ByteBuffer.wrap(line, 0, lineLength)).toString();
    } catch (CharacterCodingException e) {
      return reject("not UTF-8");
    }
    if (lineNumber == 1) {
      text = text.startsWith("\uFEFF") ? text.substring(1) : text;
      if (text.isEmpty() || text.replace(" ", "").equalsIgnoreCase(HEADER)) {
        return null;
      }
    }
    String[] fields = text.split(",", -1);
    if (fields.length != 4) {
      return reject("4 fields expected, " + fields.length + " found");
    }
    return parseFields(fields);
  }

  private Purchase parseFields(String[] fields) {
    String merchant = fields[1].strip();
    int merchantBytes = merchant.getBytes(UTF_8).length;
    if (merchantBytes == 0 || merchantBytes > Purchase.MAX_MERCHANT_BYTES) {
      return reject("merchant must have 1 to " + Purchase.MAX_MERCHANT_BYTES + " bytes");
    }
    try {
      long user = number("user", fields[0], 0, Purchase.MAX_USER);
      long amount = number("amount", fields[2], -Purchase.MAX_AMOUNT, Purchase.MAX_AMOUNT);
      long timestamp = number("timestamp", fields[3], 0, Purchase.MAX_TIMESTAMP);
      return new Purchase(user, merchant, amount, timestamp);
    } catch (IllegalArgumentException e) {
      return reject(e.getMessage());
    }
  }

  private static long number(String field, String text, long least, long most) {
    long value;
    try {
      value = Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(field + " is not an integer", e);
    }
    if (value < least || value > most) {
      throw new IllegalArgumentException(field + " is not from " + least + " to " + most);
    }
    return value;
  }

  private Purchase reject(String reason) {
    malformed.report(lineNumber, reason, new String(line, 0, lineLength, UTF_8));
    return null;
  }
}
