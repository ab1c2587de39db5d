#pragma once
// Without _GNU_SOURCE: it changes types that Swift's own module of the C library shows without it.
#include <fcntl.h>
#include <unistd.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>

// Calls that the C library's module hides behind feature macros, and macros that Swift cannot read.

static inline int linux_renameat2(int from, const char *name, int to, const char *newName, unsigned int flags) {
    return (int)syscall(SYS_renameat2, from, name, to, newName, flags);
}

static inline int linux_syncfs(int descriptor) {
    return (int)syscall(SYS_syncfs, descriptor);
}

static inline ssize_t linux_copy_file_range(int from, int to, size_t count) {
    return (ssize_t)syscall(SYS_copy_file_range, from, (void *)0, to, (void *)0, count, 0u);
}

// FICLONE of linux/fs.h, which cannot be included beside sys/mount.h everywhere.
static inline int linux_ficlone(int to, int from) {
    return ioctl(to, _IOW(0x94, 9, int), from);
}

static const unsigned int LINUX_RENAME_NOREPLACE = 1;
