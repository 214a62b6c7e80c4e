package io.lsmdb.internal.engine.write;

import java.util.ArrayList;
import java.util.List;

/**
 * The requests that a commit leader commits together, and what they amount to.
 *
 * <p>Used by one thread at a time, the leader. Each request leaves the group before its writer is
 * told the outcome, and may be used again from then on.
 */
final class CommitGroup {
  private final List<WriteRequest> requests = new ArrayList<>(64);

  private int operations;
  private int bytes;
  private long payloadBytes;
  private boolean sync;

  void add(WriteRequest request) {
    requests.add(request);
  }

  int size() {
    return requests.size();
  }

  boolean isEmpty() {
    return requests.isEmpty();
  }

  WriteRequest get(int index) {
    return requests.get(index);
  }

  /** Tells a request the outcome, and removes it. */
  void complete(int index, RuntimeException outcome) {
    requests.remove(index).complete(outcome);
  }

  /** Tells all requests the outcome, null for success, and removes them. */
  void complete(RuntimeException outcome) {
    for (int i = requests.size() - 1; i >= 0; i--) {
      complete(i, outcome);
    }
  }

  /** Sums the requests up, once they are final. */
  void sum() {
    operations = 0;
    bytes = 0;
    payloadBytes = 0;
    sync = false;
    for (int i = 0; i < requests.size(); i++) {
      WriteRequest request = requests.get(i);
      operations += request.batch().count();
      bytes += request.batch().size();
      payloadBytes += request.batch().payloadBytes();
      sync |= request.isSync();
    }
  }

  /** How many operations there are, as of the last {@link #sum}. */
  int operations() {
    return operations;
  }

  /** Bytes of the encoded batches, as of the last {@link #sum}. */
  int bytes() {
    return bytes;
  }

  /** Bytes of keys and values, as of the last {@link #sum}. */
  long payloadBytes() {
    return payloadBytes;
  }

  /** Whether one of the requests is to be durable, as of the last {@link #sum}. */
  boolean isSync() {
    return sync;
  }

  /** Whether the requests are logged: all are, or none is. */
  boolean isLogged() {
    return requests.get(0).isLogged();
  }
}
