package io.lsmdb.bench.compare;

import io.lsmdb.bench.compare.Message.Kind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that happened in the background of a long run. Immutable.
 *
 * @param kind what it was
 * @param text its cause or extent
 * @param beginMillis when it began, since the run did
 * @param endMillis when it ended; as its begin when only that is known
 * @param count how many happened, one right after the other
 */
record Mark(
    BackgroundEvents.Kind kind, String text, double beginMillis, double endMillis, int count) {
  double millis() {
    return endMillis - beginMillis;
  }

  /** Both together. */
  Mark and(Mark other) {
    return new Mark(
        kind,
        text,
        Math.min(beginMillis, other.beginMillis),
        Math.max(endMillis, other.endMillis),
        count + other.count);
  }

  Message message() {
    return Message.of(Kind.MARK, "" + kind, text, "" + beginMillis, "" + endMillis, "" + count);
  }

  /** The mark in a message of that kind. */
  static Mark of(Message message) {
    List<String> fields = message.fields();
    return new Mark(
        BackgroundEvents.Kind.of(fields.get(0)),
        fields.get(1),
        Double.parseDouble(fields.get(2)),
        Double.parseDouble(fields.get(3)),
        Integer.parseInt(fields.get(4)));
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", kind);
    json.put("text", text);
    json.put("begin-ms", beginMillis);
    json.put("end-ms", endMillis);
    json.put("count", count);
    return json;
  }
}
