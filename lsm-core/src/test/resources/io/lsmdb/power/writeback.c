// Starts the writing back of random parts of random files in a directory, again and again, without
// waiting for it and without flushing the device: what the kernel does under memory pressure.
//
// Usage: writeback DIRECTORY SEED; runs until it is killed

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_FILES = 256, PAGE = 4096, MAX_PAGES = 64, FILES_A_ROUND = 3, MAX_PAUSE = 8000 };

static int list(const char *directory, char names[][NAME_MAX + 1]) {
  DIR *open = opendir(directory);
  if (open == NULL) {
    return 0;
  }
  int count = 0;
  for (struct dirent *entry; count < MAX_FILES && (entry = readdir(open)) != NULL;) {
    if (entry->d_name[0] != '.') {
      strcpy(names[count++], entry->d_name);
    }
  }
  closedir(open);
  return count;
}

static void write_back(const char *directory, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0) {
    return; // deleted meanwhile
  }
  if (fstat(file, &status) == 0 && status.st_size > 0) {
    off_t from = rand() % (status.st_size / PAGE + 1) * PAGE;
    sync_file_range(file, from, (1 + rand() % MAX_PAGES) * PAGE, SYNC_FILE_RANGE_WRITE);
  }
  close(file);
}

int main(int count, char **arguments) {
  static char names[MAX_FILES][NAME_MAX + 1];
  if (count != 3) {
    fputs("usage: writeback DIRECTORY SEED\n", stderr);
    return 2;
  }
  srand(atoi(arguments[2]));
  while (1) {
    int files = list(arguments[1], names);
    for (int i = 0; i < FILES_A_ROUND && files > 0; i++) {
      write_back(arguments[1], names[rand() % files]);
    }
    usleep(rand() % MAX_PAUSE);
  }
}
