package io.lsmdb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Markdown pages of the repository: links, names of classes, length of lines. */
final class DocumentationTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final int LONGEST_LINE = 120;

  /** Target and fragment of a link that names no other site. */
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:\\s]*)(?:#([^)\\s]+))?\\)");

  private static final Pattern CODE = Pattern.compile("(?ms)^\\s*```.*?^\\s*```$");
  private static final Pattern TYPE_NAME = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)[^`\\s]*`");
  private static final Pattern DECLARATION =
      Pattern.compile("\\b(?:class|interface|record|enum) ([A-Z]\\w*)");

  @TempDir private Path temporary;

  @Test
  void relativeLinksLeadToFilesAndHeadings() throws IOException {
    List<Path> pages = pages(ROOT);
    assertTrue(pages.size() > 30, "pages: " + pages);
    List<String> broken = new ArrayList<>();
    for (Path page : pages) {
      broken.addAll(brokenLinks(page));
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void brokenLinkIsFound() throws IOException {
    Path there = Files.writeString(temporary.resolve("there.md"), "# A heading, `named`\n");
    Path page = temporary.resolve("page.md");
    Files.writeString(
        page, "[a](there.md) [b](there.md#a-heading-named) [c](gone.md) [d](there.md#gone)");
    assertEquals(List.of(), brokenLinks(there));
    assertEquals(List.of(page + ": gone.md", page + ": there.md#gone"), brokenLinks(page));
  }

  @Test
  void namedClassesExist() throws IOException {
    Set<String> declared = declaredTypes();
    List<Path> named = new ArrayList<>(pages(ROOT.resolve("docs/maintainers")));
    named.add(ROOT.resolve("ARCHITECTURE.md"));
    List<String> unknown = new ArrayList<>();
    int count = 0;
    for (Path page : named) {
      Matcher names = TYPE_NAME.matcher(Files.readString(page));
      while (names.find()) {
        count++;
        if (!declared.contains(names.group(1))) {
          unknown.add(page.getFileName() + ": " + names.group(1));
        }
      }
    }
    assertEquals(List.of(), unknown);
    assertTrue(count > 100, "names found: " + count);
  }

  /** The format pages are left out: a row of their tables describes a whole field. */
  @Test
  void linesAreShort() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (Path page : pages(ROOT)) {
      if (page.getFileName().toString().endsWith("-format.md")) {
        continue;
      }
      List<String> lines = Files.readAllLines(page);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).length() > LONGEST_LINE) {
          tooLong.add(ROOT.relativize(page) + ":" + (i + 1));
        }
      }
    }
    assertEquals(List.of(), tooLong);
  }

  private static List<String> brokenLinks(Path page) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher links = LINK.matcher(CODE.matcher(Files.readString(page)).replaceAll(""));
    while (links.find()) {
      Path target = links.group(1).isEmpty() ? page : page.resolveSibling(links.group(1));
      String heading = links.group(2);
      if (!Files.exists(target)) {
        broken.add(page + ": " + links.group(1));
      } else if (heading != null && !anchors(target).contains(heading)) {
        broken.add(page + ": " + links.group(1) + "#" + heading);
      }
    }
    return broken;
  }

  /** The anchors of a page's headings, made as GitHub makes them. */
  private static Set<String> anchors(Path page) throws IOException {
    return Files.readAllLines(page).stream()
        .filter(line -> line.startsWith("#"))
        .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static List<Path> pages(Path directory) throws IOException {
    return files(directory, ".md");
  }

  private static Set<String> declaredTypes() throws IOException {
    Set<String> names = new TreeSet<>();
    for (Path source : files(ROOT, ".java")) {
      Matcher declarations = DECLARATION.matcher(Files.readString(source));
      while (declarations.find()) {
        names.add(declarations.group(1));
      }
    }
    return names;
  }

  /** The files of the project below a directory, without what a build or a tool has left there. */
  private static List<Path> files(Path directory, String ending) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> children = Files.list(directory)) {
      for (Path child : children.sorted().toList()) {
        String name = child.getFileName().toString();
        if (Files.isDirectory(child) && !name.startsWith(".") && !name.equals("target")) {
          found.addAll(files(child, ending));
        } else if (name.endsWith(ending) && Files.isRegularFile(child)) {
          found.add(child);
        }
      }
    }
    return found;
  }
}
