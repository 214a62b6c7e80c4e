// Records what a file system writes to a block device.
//
// Usage: recorder MOUNTPOINT BYTES RECORDING
//
// Mounts a FUSE file system with two files. A loop device on "disk" turns it into a block device
// whose writes and flushes are recorded in the order of their arrival. Bytes written to "mark" go
// into the same recording, which tells where a program was. Ends when it is unmounted.
//
// An event of the recording: type ('W' write, 'F' flush, 'M' mark), u64 offset, u32 length,
// little-endian, then the bytes.
//
// One thread serves one request after the other, so the order in the recording is the order in
// which the kernel was answered: a flush covers each write that was answered before it.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

enum { ROOT = FUSE_ROOT_ID, DISK = 2, MARK = 3 };
enum { MAX_WRITE = 1 << 20, HEADERS = 1 << 16, VALID_SECONDS = 3600 };

static char *disk;
static uint64_t disk_size;
static uint64_t mark_size;
static FILE *recording;
static int fuse;

static void record(char type, uint64_t offset, uint32_t length, const void *bytes) {
  fputc(type, recording);
  fwrite(&offset, sizeof offset, 1, recording);
  fwrite(&length, sizeof length, 1, recording);
  fwrite(bytes, 1, length, recording);
  if (ferror(recording)) {
    perror("recording");
    exit(1);
  }
}

static void reply(uint64_t request, int error, const void *bytes, size_t length) {
  static char buffer[2 * MAX_WRITE];
  struct fuse_out_header *header = (void *) buffer;
  header->len = sizeof *header + length;
  header->error = error;
  header->unique = request;
  memcpy(buffer + sizeof *header, bytes, length);
  if (write(fuse, buffer, header->len) < 0 && errno != ENOENT) {
    perror("reply");
  }
}

static struct fuse_attr attributes(uint64_t node) {
  struct fuse_attr a = {.ino = node, .nlink = 1, .blksize = 4096, .mode = S_IFREG | 0600};
  if (node == ROOT) {
    a.mode = S_IFDIR | 0755;
    a.nlink = 2;
  } else {
    a.size = node == DISK ? disk_size : mark_size;
    a.blocks = a.size / 512;
  }
  return a;
}

static void init(uint64_t request, const struct fuse_init_in *in) {
  // Without a write-back cache each write of the loop device arrives before it is completed.
  struct fuse_init_out out = {
      .major = FUSE_KERNEL_VERSION,
      .minor = 31,
      .max_readahead = in->max_readahead,
      .flags = (FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_ASYNC_READ) & in->flags,
      .max_write = MAX_WRITE,
      .max_pages = MAX_WRITE / 4096,
      .max_background = 64,
      .congestion_threshold = 48,
      .time_gran = 1};
  reply(request, 0, &out, sizeof out);
}

static void lookup(uint64_t request, const char *name) {
  uint64_t node = !strcmp(name, "disk") ? DISK : !strcmp(name, "mark") ? MARK : 0;
  if (node == 0) {
    reply(request, -ENOENT, "", 0);
    return;
  }
  struct fuse_entry_out out = {.nodeid = node, .entry_valid = VALID_SECONDS};
  out.attr_valid = node == DISK ? VALID_SECONDS : 0;
  out.attr = attributes(node);
  reply(request, 0, &out, sizeof out);
}

static void get_attributes(uint64_t request, uint64_t node) {
  struct fuse_attr_out out = {.attr_valid = node == MARK ? 0 : VALID_SECONDS};
  out.attr = attributes(node);
  reply(request, 0, &out, sizeof out);
}

static void open_node(uint64_t request, uint64_t node) {
  struct fuse_open_out out = {.fh = node};
  out.open_flags = node == MARK ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE;
  reply(request, 0, &out, sizeof out);
}

static void read_node(uint64_t request, uint64_t node, const struct fuse_read_in *in) {
  if (node != DISK || in->offset >= disk_size) {
    reply(request, 0, "", 0);
    return;
  }
  uint64_t rest = disk_size - in->offset;
  reply(request, 0, disk + in->offset, in->size < rest ? in->size : rest);
}

static void write_node(uint64_t request, uint64_t node, const struct fuse_write_in *in) {
  const char *bytes = (const char *) in + sizeof *in;
  if (node == DISK) {
    if (in->offset > disk_size || in->size > disk_size - in->offset) {
      reply(request, -ENOSPC, "", 0);
      return;
    }
    memcpy(disk + in->offset, bytes, in->size);
    record('W', in->offset, in->size, bytes);
  } else {
    record('M', mark_size, in->size, bytes);
    mark_size += in->size;
  }
  struct fuse_write_out out = {.size = in->size};
  reply(request, 0, &out, sizeof out);
}

static void serve(const struct fuse_in_header *header) {
  const void *argument = header + 1;
  switch (header->opcode) {
    case FUSE_INIT: init(header->unique, argument); break;
    case FUSE_LOOKUP: lookup(header->unique, argument); break;
    case FUSE_GETATTR:
    case FUSE_SETATTR: get_attributes(header->unique, header->nodeid); break;
    case FUSE_OPEN:
    case FUSE_OPENDIR: open_node(header->unique, header->nodeid); break;
    case FUSE_READ: read_node(header->unique, header->nodeid, argument); break;
    case FUSE_WRITE: write_node(header->unique, header->nodeid, argument); break;
    case FUSE_FSYNC:
      record('F', 0, 0, "");
      reply(header->unique, 0, "", 0);
      break;
    case FUSE_STATFS: {
      struct fuse_statfs_out out = {
          .st = {.bsize = 4096, .frsize = 4096, .blocks = disk_size / 4096, .namelen = 255}};
      reply(header->unique, 0, &out, sizeof out);
      break;
    }
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_READDIR:
    case FUSE_DESTROY: reply(header->unique, 0, "", 0); break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: break; // these are not answered
    default: reply(header->unique, -ENOSYS, "", 0);
  }
}

int main(int count, char **arguments) {
  if (count != 4) {
    fputs("usage: recorder MOUNTPOINT BYTES RECORDING\n", stderr);
    return 2;
  }
  disk_size = strtoull(arguments[2], NULL, 10);
  disk = mmap(NULL, disk_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  recording = fopen(arguments[3], "wb");
  fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (disk == MAP_FAILED || recording == NULL || fuse < 0) {
    perror("recorder");
    return 1;
  }
  char options[128];
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
  if (mount("recorder", arguments[1], "fuse", MS_NOSUID | MS_NODEV, options) != 0) {
    perror("mount");
    return 1;
  }
  char *request = malloc(MAX_WRITE + HEADERS);
  for (;;) {
    if (read(fuse, request, MAX_WRITE + HEADERS) > 0) {
      serve((const struct fuse_in_header *) request);
    } else if (errno != EINTR && errno != EAGAIN && errno != ENOENT) {
      break; // ENODEV: it has been unmounted
    }
  }
  return fclose(recording) == 0 ? 0 : 1;
}
