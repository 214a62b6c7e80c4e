package io.lsmdb.power;

import io.lsmdb.power.Recording.Event;
import io.lsmdb.power.Recording.EventType;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * The images that a device may hold after a power loss: all that had been flushed at some moment,
 * with a part of the writes after that.
 *
 * <p>Used by one thread. Moments lie behind the first mark. A third of them come right behind a
 * mark, where the most has been promised; the others fall into the time with the most pending
 * writes, or anywhere.
 */
final class CrashImages {
  /** Gets each image, in the order of the recording. */
  interface Visitor {
    /**
     * Looks at an image.
     *
     * @param image the content of the device; may be kept until the next call
     * @param marks the numbers of the marks before this moment
     * @param what the moment and the loss, for messages
     */
    void visit(byte[] image, List<Integer> marks, String what) throws Exception;
  }

  private final Recording recording;
  private final List<Event> events;
  private final Random random;

  /** The number of pending writes after so many events. */
  private final int[] pendingAfter;

  CrashImages(Recording recording, long seed) {
    this.recording = recording;
    this.events = recording.events();
    this.random = new Random(seed);
    this.pendingAfter = new int[events.size() + 1];
    for (int i = 0; i < events.size(); i++) {
      pendingAfter[i + 1] =
          switch (events.get(i).type()) {
            case WRITE -> pendingAfter[i] + 1;
            case FLUSH -> 0;
            case MARK -> pendingAfter[i];
          };
    }
  }

  /**
   * Makes images of a recorded device.
   *
   * @param count how many
   * @param size of the device in bytes
   * @param visitor gets them
   */
  void forEach(int count, int size, Visitor visitor) throws Exception {
    NavigableMap<Integer, List<LossMode>> moments = choose(count);
    byte[] flushed = new byte[size];
    byte[] image = new byte[size];
    List<Event> pending = new ArrayList<>();
    List<Integer> marks = new ArrayList<>();
    for (int i = 0; i <= events.size(); i++) {
      for (LossMode mode : moments.getOrDefault(i, List.of())) {
        System.arraycopy(flushed, 0, image, 0, size);
        mode.apply(recording, pending, image, random);
        String what = "before event " + i + ", " + pending.size() + " writes pending, " + mode;
        visitor.visit(image, marks, what);
      }
      if (i < events.size()) {
        take(events.get(i), flushed, pending, marks);
      }
    }
  }

  private void take(Event event, byte[] flushed, List<Event> pending, List<Integer> marks) {
    switch (event.type()) {
      case WRITE -> pending.add(event);
      case FLUSH -> {
        pending.forEach(write -> recording.copy(write, 0, write.length(), flushed));
        pending.clear();
      }
      case MARK -> marks.add(event.mark());
    }
  }

  /** Chooses moments, each the number of events before it, and what is lost at each. */
  private NavigableMap<Integer, List<LossMode>> choose(int count) {
    List<Integer> behindMarks = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i).type() == EventType.MARK) {
        behindMarks.add(i + 1);
      }
    }
    int first = behindMarks.get(0);
    NavigableMap<Integer, List<LossMode>> moments = new TreeMap<>();
    for (int chosen = 0; chosen < count; chosen++) {
      int moment = first + random.nextInt(events.size() + 1 - first);
      if (chosen % 3 == 0) {
        moment = behindMarks.get(random.nextInt(behindMarks.size()));
      } else if (chosen % 3 == 1) {
        for (int i = 0; i < 4; i++) { // the best of some, by its pending writes
          int other = first + random.nextInt(events.size() + 1 - first);
          moment = pendingAfter[other] > pendingAfter[moment] ? other : moment;
        }
      }
      LossMode mode = LossMode.values()[random.nextInt(LossMode.values().length)];
      moments.computeIfAbsent(moment, m -> new ArrayList<>()).add(mode);
    }
    return moments;
  }
}
