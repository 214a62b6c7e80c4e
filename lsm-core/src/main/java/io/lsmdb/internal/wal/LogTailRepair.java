package io.lsmdb.internal.wal;

import io.lsmdb.internal.fs.FileSystem;
import io.lsmdb.internal.fs.MappedFile;
import io.lsmdb.internal.fs.ReadableFile;
import io.lsmdb.internal.fs.WritableFile;
import io.lsmdb.internal.record.FileHeader;
import io.lsmdb.internal.record.RecordFile;
import io.lsmdb.internal.record.RecordFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The steps that make the outcome of a replay final.
 *
 * <p>Used by one thread. After each step the log gives the same answer as before it: later segments
 * go highest first, so that those left are an unbroken run; a segment with anything behind its
 * records is replaced by a copy of its good part in one rename.
 */
final class LogTailRepair {
  private final LogFiles files;
  private final FileSystem fs;

  LogTailRepair(LogFiles files) {
    this.files = files;
    this.fs = files.fileSystem();
  }

  LogTail seal(LogReport report) {
    for (long spare : files.spareNumbers()) {
      fs.delete(files.spare(spare));
    }
    List<Long> gone = new ArrayList<>(report.discarded());
    gone.addAll(report.unused());
    gone.sort(Collections.reverseOrder());
    for (long number : gone) {
      fs.delete(files.segment(number));
      fs.forceDirectory(files.directory());
    }
    if (report.cleanClose()) {
      // The end record is there; whether the process lived to see it forced is not known.
      forceEnd(files.segment(report.tail().segment()), report.tail().length());
    } else {
      forceAll(report.segments());
    }
    return report.tail();
  }

  /**
   * Makes segments durable, oldest first. What may have met a failed force is copied: the operating
   * system may show bytes that it will never write, and forcing them again proves nothing (Rebello
   * et al., "Can Applications Recover from fsync Failures?", 2020). What a later segment says was
   * forced needs no more than the cut behind its records, where zeros may stand that were never
   * forced: the next clean close promises that there is nothing else.
   */
  private void forceAll(List<SegmentInfo> segments) {
    int proven = 0;
    for (int i = segments.size() - 1; i > 0 && proven == 0; i--) {
      try (RecordFile in = SegmentHeader.read(files, segments.get(i).number()).open(files)) {
        proven = in.knowsForcedBeyond(0, 0) ? i : 0;
      }
    }
    for (int i = 0; i < segments.size(); i++) {
      long length = segments.get(i).length();
      if (i >= proven || hasContentBehind(segments.get(i))) {
        keepOnly(segments.get(i).number(), length);
      } else {
        cut(files.segment(segments.get(i).number()), length);
      }
    }
  }

  private boolean hasContentBehind(SegmentInfo segment) {
    try (RecordFile in = SegmentHeader.read(files, segment.number()).open(files)) {
      return in.endOfContent(segment.length()) > segment.length();
    }
  }

  /** Cuts the zeros behind the records of a segment, durably. */
  private void cut(Path file, long length) {
    long size = fs.size(file);
    if (size > length) {
      try (MappedFile mapped = fs.map(file, (int) size)) {
        mapped.shrink(length);
      }
    }
  }

  /** Writes the end record once more, so that the force has something to write. */
  private void forceEnd(Path file, long length) {
    byte[] end = new byte[RecordFormat.CONTROL_SIZE];
    try (MappedFile mapped = fs.map(file, (int) fs.size(file))) {
      mapped.get(length - end.length, end, 0, end.length);
      mapped.put(length - end.length, end, 0, end.length);
      mapped.force(0, mapped.size());
    }
  }

  /** Replaces a segment by its first bytes. */
  private void keepOnly(long number, long length) {
    Path original = files.segment(number);
    Path copy = files.spare(number);
    try (ReadableFile from = fs.openForRead(original);
        WritableFile to = fs.create(copy)) {
      byte[] buffer = new byte[256 * 1024];
      from.read(0, buffer, 0, LogFormat.IDENTITY_SIZE);
      FileHeader old = FileHeader.decode(LogFormat.SEGMENT, number, original.toString(), buffer);
      byte[] identity =
          new FileHeader(number, old.salt(), old.owner(), length).encode(LogFormat.SEGMENT);
      to.append(identity, 0, identity.length);
      while (to.size() < length) {
        int wanted = (int) Math.min((long) buffer.length, length - to.size());
        to.append(buffer, 0, from.read(to.size(), buffer, 0, wanted));
      }
      to.force();
    }
    fs.rename(copy, original);
    fs.forceDirectory(files.directory());
  }
}
