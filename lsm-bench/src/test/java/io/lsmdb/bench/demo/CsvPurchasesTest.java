package io.lsmdb.bench.demo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CsvPurchasesTest {
  private static final Purchase ONE = new Purchase(17850, "85123A", 1530, 1291191960000L);

  private final StringWriter reports = new StringWriter();
  private final MalformedLines malformed = new MalformedLines(new PrintWriter(reports));

  @Test
  void readsLinesWithAndWithoutHeader() throws IOException {
    String line = "17850,85123A,1530,1291191960000\n";
    assertEquals(List.of(ONE), read(line));
    assertEquals(List.of(ONE), read("user,merchant,amount,timestamp\n" + line));
    assertEquals(List.of(ONE), read("\uFEFFUser, Merchant, Amount, Timestamp\r\n" + line));
    assertEquals(List.of(ONE), read("\uFEFF" + line));
    assertEquals(0, malformed.count());
  }

  @Test
  void acceptsCrLfEmptyLinesBlanksAndALastLineWithoutEnd() throws IOException {
    assertEquals(
        List.of(ONE, ONE),
        read("\r\n17850,85123A,1530,1291191960000\r\n\n\n 17850 , 85123A , 1530 , 1291191960000"));
    assertEquals(0, malformed.count());
  }

  @Test
  void readsReturnsAndCodesInAnyScript() throws IOException {
    assertEquals(List.of(new Purchase(0, "Käse 茶", -5, 0)), read("0,Käse 茶,-5,0"));
  }

  @Test
  void reportsWhatIsWrongWithTheNumberOfTheLine() throws IOException {
    List<Purchase> purchases =
        read(
            """
            user,merchant,amount,timestamp
            1,a,2
            1,a,2,3,4
            x,a,2,3
            1,,2,3
            1,a,2.5,3
            1,a,2,-1
            -1,a,2,3
            1000000000000000,a,2,3
            99999999999999999999,a,2,3
            17850,85123A,1530,1291191960000
            user,merchant,amount,timestamp
            """);
    assertEquals(List.of(ONE), purchases);
    assertEquals(10, malformed.count());
    List<String> lines = reports.toString().lines().toList();
    assertEquals("line 2 skipped: 4 fields expected, 3 found: \"1,a,2\"", lines.get(0));
    assertEquals("line 3 skipped: 4 fields expected, 5 found: \"1,a,2,3,4\"", lines.get(1));
    assertEquals("line 4 skipped: user is not an integer: \"x,a,2,3\"", lines.get(2));
    assertEquals("line 5 skipped: merchant must have 1 to 64 bytes: \"1,,2,3\"", lines.get(3));
    assertEquals("line 6 skipped: amount is not an integer: \"1,a,2.5,3\"", lines.get(4));
    assertTrue(lines.get(5).startsWith("line 7 skipped: timestamp is not from 0"), lines.get(5));
    assertTrue(lines.get(6).startsWith("line 8 skipped: user is not from 0"), lines.get(6));
    assertTrue(lines.get(7).startsWith("line 9 skipped: user is not from 0"), lines.get(7));
    assertTrue(lines.get(8).startsWith("line 10 skipped: user is not an integer"), lines.get(8));
    assertTrue(lines.get(9).startsWith("line 12 skipped: user is not an integer"), lines.get(9));
  }

  @Test
  void skipsLinesThatAreNotUtf8() throws IOException {
    byte[] latin = "1,Käse,2,3\n17850,85123A,1530,1291191960000\n".getBytes(ISO_8859_1);
    assertEquals(List.of(ONE), read(new ByteArrayInputStream(latin)));
    assertTrue(reports.toString().startsWith("line 1 skipped: not UTF-8"), reports.toString());
  }

  @Test
  void skipsOverlongLinesWithoutKeepingThem() throws IOException {
    String longest =
        "17850,85123A,1530," + " ".repeat(CsvPurchases.MAX_LINE - 31) + "1291191960000";
    assertEquals(CsvPurchases.MAX_LINE, longest.length());
    assertEquals(List.of(ONE, ONE), read(longest + "\r\n" + longest));
    assertEquals(0, malformed.count());

    String tooLong = "7".repeat(1 << 20);
    assertEquals(List.of(ONE), read(longest + " \n" + tooLong + "\n" + longest + "\n" + tooLong));
    assertEquals(3, malformed.count());
    assertTrue(reports.toString().contains("line 2 skipped: longer than 1024 bytes: \"7777"));
    assertTrue(reports.toString().lines().allMatch(line -> line.length() < 150));
  }

  @Test
  void printsOnlyTheFirstMalformedLinesAndCountsAll() throws IOException {
    assertEquals(List.of(), read("\u001b[31mbad\n".repeat(1_000)));
    assertEquals(1_000, malformed.count());
    assertEquals(MalformedLines.REPORTED + 1, reports.toString().lines().count());
    assertTrue(reports.toString().indexOf('\u001b') < 0);
  }

  @Test
  void survivesInputThatArrivesByteByByte() throws IOException {
    byte[] bytes = "17850,85123A,1530,1291191960000\r\n".repeat(3).getBytes(UTF_8);
    InputStream dripping =
        new ByteArrayInputStream(bytes) {
          @Override
          public int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 1));
          }
        };
    assertEquals(List.of(ONE, ONE, ONE), read(dripping));
  }

  @Test
  void tellsHowFarItIs() throws IOException {
    byte[] bytes = "17850,85123A,1530,1291191960000\n".repeat(4).getBytes(UTF_8);
    CsvPurchases known = new CsvPurchases(new ByteArrayInputStream(bytes), bytes.length, malformed);
    assertEquals(0.0, known.fraction());
    known.next();
    assertEquals(0.25, known.fraction());
    CsvPurchases unknown = new CsvPurchases(new ByteArrayInputStream(bytes), -1, malformed);
    unknown.next();
    assertEquals(-1, unknown.fraction());
  }

  @Test
  void repeatsWithUsersThatNoOtherRoundHas() throws IOException {
    String lines = "5,a,1,1\n9,b,2,2\nbad\n";
    MalformedLines ignored = new MalformedLines(new PrintWriter(new StringWriter()));
    Purchases repeated =
        Purchases.repeat(
            round ->
                new CsvPurchases(
                    new ByteArrayInputStream(lines.getBytes(UTF_8)),
                    lines.length(),
                    round == 0 ? malformed : ignored),
            3);
    assertEquals(
        List.of(5L, 9L, 15L, 19L, 25L, 29L), all(repeated).stream().map(Purchase::user).toList());
    assertEquals(1, malformed.count());
    assertEquals(1.0, repeated.fraction());
  }

  private List<Purchase> read(String text) throws IOException {
    return read(new ByteArrayInputStream(text.getBytes(UTF_8)));
  }

  private List<Purchase> read(InputStream in) throws IOException {
    return all(new CsvPurchases(in, -1, malformed));
  }

  private static List<Purchase> all(Purchases purchases) throws IOException {
    List<Purchase> all = new ArrayList<>();
    for (Purchase p = purchases.next(); p != null; p = purchases.next()) {
      all.add(p);
    }
    return all;
  }
}
