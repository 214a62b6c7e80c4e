package io.lsmdb.internal.range;

import io.lsmdb.internal.base.Bytes;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The writer of search trees whose nodes are pieces of the key space, each with the newest sequence
 * that deletes it.
 *
 * <p>Used by one thread. Trees are values: a change makes a new tree that shares most nodes with
 * the old one, which stays as it is for those who read it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Keys ascend in order, priorities fall from a node to its children: a treap (R. Seidel, C.
 *       Aragon, "Randomized search trees", Algorithmica 16, 1996), so splitting and joining take
 *       O(log n), however many pieces a range covers.
 *   <li>A node changes only while the tree is made for which it was created, which nobody reads
 *       yet; others are copied. A subtree whose root was created up to some sequence therefore
 *       holds nothing newer.
 * </ol>
 */
final class PieceTree {
  /** What a node takes in memory. */
  static final int NODE_BYTES = 48;

  /** What an array takes in memory beside its bytes. */
  private static final int ARRAY_BYTES = 16;

  /** A piece: it reaches from its first key to that of the next one. */
  static final class Node {
    final byte[] from;
    final long sequence;
    final long created; // by the tombstone of this sequence
    final int priority;
    Node left;
    Node right;

    Node(byte[] from, long sequence, long created, int priority) {
      this.from = from;
      this.sequence = sequence;
      this.created = created;
      this.priority = priority;
    }
  }

  private final SplittableRandom random = new SplittableRandom(0x51ED270B);

  // Of the change under way.
  private long sequence;
  private Node below; // results of a split
  private Node atOrAbove;

  private long copiedBytes;
  private long treeBytes;

  /**
   * Bytes of nodes that took the place of others, which older trees may go on to hold.
   *
   * @return since the last {@link #forgetCopies}
   */
  long copiedBytes() {
    return copiedBytes;
  }

  /** Begins to count anew: older trees are held by nobody. */
  void forgetCopies() {
    copiedBytes = 0;
  }

  /** Bytes of the newest tree, its keys included. */
  long treeBytes() {
    return treeBytes;
  }

  /** A tree in which a range is deleted by a new tombstone; parameters as of the tombstone. */
  Node delete(Node tree, byte[] from, byte[] to, long newSequence) {
    sequence = newSequence;
    Node end = to == null ? null : floor(tree, to, 0, to.length);
    split(tree, from);
    Node before = below;
    Node rest = atOrAbove;
    Node behind = null;
    if (to != null) {
      split(rest, to);
      rest = below;
      behind = atOrAbove;
      if (end == null || !Arrays.equals(end.from, to)) {
        behind = join(newNode(to, end == null ? RangeCover.NONE : end.sequence), behind);
      }
    }
    drop(rest);
    return join(join(before, newNode(from, sequence)), behind);
  }

  private Node newNode(byte[] from, long covering) {
    treeBytes += bytes(from);
    return new Node(from, covering, sequence, random.nextInt());
  }

  private static int bytes(byte[] from) {
    return NODE_BYTES + ARRAY_BYTES + from.length;
  }

  /** Takes covered pieces off the count; each was added once, so this costs nothing that lasts. */
  private void drop(Node node) {
    for (Node at = node; at != null; at = at.right) {
      drop(at.left);
      treeBytes -= bytes(at.from);
      copiedBytes += bytes(at.from);
    }
  }

  /** Parts a tree into the pieces that begin below a key, and the others. */
  private void split(Node node, byte[] key) {
    if (node == null) {
      below = null;
      atOrAbove = null;
    } else if (RangeCover.compare(node.from, key) < 0) {
      split(node.right, key);
      Node mine = withRight(node, below);
      below = mine;
    } else {
      split(node.left, key);
      Node mine = withLeft(node, atOrAbove);
      atOrAbove = mine;
    }
  }

  /** One tree of two, the first of which is below the other. */
  private Node join(Node a, Node b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.priority > b.priority ? withRight(a, join(a.right, b)) : withLeft(b, join(a, b.left));
  }

  private Node withLeft(Node node, Node left) {
    if (node.left == left) {
      return node;
    }
    Node mine = mutable(node);
    mine.left = left;
    return mine;
  }

  private Node withRight(Node node, Node right) {
    if (node.right == right) {
      return node;
    }
    Node mine = mutable(node);
    mine.right = right;
    return mine;
  }

  private Node mutable(Node node) {
    if (node.created == sequence) {
      return node;
    }
    Node copy = new Node(node.from, node.sequence, sequence, node.priority);
    copy.left = node.left;
    copy.right = node.right;
    copiedBytes += NODE_BYTES;
    return copy;
  }

  /** The piece in which a key lies; null before the first one. */
  static Node floor(Node tree, byte[] key, int offset, int length) {
    Node found = null;
    Node node = tree;
    while (node != null) {
      if (Bytes.compare(node.from, 0, node.from.length, key, offset, length) <= 0) {
        found = node;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return found;
  }

  /** The first piece behind a key; null if there is none. */
  static Node higher(Node tree, byte[] key) {
    Node found = null;
    Node node = tree;
    while (node != null) {
      if (RangeCover.compare(node.from, key) > 0) {
        found = node;
        node = node.left;
      } else {
        node = node.right;
      }
    }
    return found;
  }

  /** Is told of pieces. */
  @FunctionalInterface
  interface Visitor {
    /** Takes a piece; its end is exclusive, null for none. */
    void piece(byte[] from, byte[] to, long sequence);
  }

  /** Visits the pieces that tombstones above a sequence delete, in key order. */
  static void visitAbove(Node tree, long sequence, byte[] end, Visitor visitor) {
    if (tree == null || tree.created <= sequence) {
      return;
    }
    visitAbove(tree.left, sequence, tree.from, visitor);
    if (tree.sequence > sequence) {
      visitor.piece(tree.from, tree.right == null ? end : first(tree.right).from, tree.sequence);
    }
    visitAbove(tree.right, sequence, end, visitor);
  }

  private static Node first(Node tree) {
    Node node = tree;
    while (node.left != null) {
      node = node.left;
    }
    return node;
  }
}
