package io.lsmdb.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as maps, lists, strings, doubles, booleans and null. Stateless.
 *
 * <p>Enough for files of results: it reads what it writes, and refuses anything malformed.
 */
public final class Json {
  private static final int MAX_DEPTH = 64;

  private Json() {}

  /**
   * A value as text.
   *
   * @param value made of the types above; other objects are written as their strings
   * @return indented, with a line end
   */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, "", out);
    return out.append('\n').toString();
  }

  private static void write(Object value, String indent, StringBuilder out) {
    if (value instanceof Map<?, ?> map) {
      List<String> members = new ArrayList<>();
      map.forEach(
          (name, member) -> {
            StringBuilder text = new StringBuilder();
            quote(name.toString(), text);
            write(member, indent + "  ", text.append(": "));
            members.add(text.toString());
          });
      lines('{', members, '}', indent, out);
    } else if (value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
      out.append(list);
    } else if (value instanceof List<?> list) {
      List<String> elements = new ArrayList<>();
      for (Object element : list) {
        StringBuilder text = new StringBuilder();
        write(element, indent + "  ", text);
        elements.add(text.toString());
      }
      lines('[', elements, ']', indent, out);
    } else if (value instanceof Number || value instanceof Boolean || value == null) {
      out.append(value);
    } else {
      quote(value.toString(), out);
    }
  }

  private static void lines(
      char open, List<String> elements, char close, String indent, StringBuilder out) {
    out.append(open);
    if (!elements.isEmpty()) {
      String separator = ",\n  " + indent;
      out.append("\n  ").append(indent).append(String.join(separator, elements));
      out.append('\n').append(indent);
    }
    out.append(close);
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  /**
   * The value in a text.
   *
   * @param text JSON
   * @return made of the types above
   * @throws IllegalArgumentException when it is not JSON
   */
  public static Object parse(String text) {
    Parser parser = new Parser(text);
    Object value = parser.value(0);
    parser.skipBlanks();
    if (parser.at < text.length()) {
      throw parser.error("the end");
    }
    return value;
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    IllegalArgumentException error(String expected) {
      return new IllegalArgumentException("not JSON: " + expected + " expected at " + at);
    }

    void skipBlanks() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private boolean take(String token) {
      skipBlanks();
      if (text.startsWith(token, at)) {
        at += token.length();
        return true;
      }
      return false;
    }

    private void require(String token) {
      if (!take(token)) {
        throw error("'" + token + "'");
      }
    }

    Object value(int depth) {
      if (depth > MAX_DEPTH) {
        throw error("less nesting");
      }
      if (take("{")) {
        return object(depth);
      } else if (take("[")) {
        return array(depth);
      } else if (take("\"")) {
        return string();
      } else if (take("true")) {
        return true;
      } else if (take("false")) {
        return false;
      } else if (take("null")) {
        return null;
      }
      return number();
    }

    private Map<String, Object> object(int depth) {
      Map<String, Object> members = new LinkedHashMap<>();
      if (!take("}")) {
        do {
          require("\"");
          String name = string();
          require(":");
          members.put(name, value(depth + 1));
        } while (take(","));
        require("}");
      }
      return members;
    }

    private List<Object> array(int depth) {
      List<Object> elements = new ArrayList<>();
      if (!take("]")) {
        do {
          elements.add(value(depth + 1));
        } while (take(","));
        require("]");
      }
      return elements;
    }

    private String string() {
      StringBuilder out = new StringBuilder();
      while (at < text.length() && text.charAt(at) != '"') {
        char c = text.charAt(at++);
        out.append(c == '\\' ? escaped() : c);
      }
      if (at == text.length()) {
        throw error("'\"'");
      }
      at++;
      return out.toString();
    }

    private char escaped() {
      if (at == text.length()) {
        throw error("an escaped character");
      }
      char c = text.charAt(at++);
      int plain = "\"\\/bfnrt".indexOf(c);
      if (plain >= 0) {
        return "\"\\/\b\f\n\r\t".charAt(plain);
      }
      if (c != 'u' || at + 4 > text.length()) {
        throw error("an escape");
      }
      at += 4;
      return (char) Integer.parseInt(text.substring(at - 4, at), 16);
    }

    private Double number() {
      int begin = at;
      while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      try {
        return Double.valueOf(text.substring(begin, at));
      } catch (NumberFormatException e) {
        at = begin;
        throw error("a value");
      }
    }
  }
}
