#pragma once
#include <spawn.h>

/* spawn.h shows these with _GNU_SOURCE only, which Glibc's module does not set (glibc 2.29 and 2.34). */
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
