#pragma once
#include <sqlite3.h>

// What Swift cannot import: cast macros and variadic functions.

/// sqlite3_bind_text64; `copy` 0 leaves the bytes with the caller until the statement is stepped or rebound.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count,
                                    int copy) {
    return sqlite3_bind_text64(statement, index, (const char *)bytes, count, copy ? SQLITE_TRANSIENT : SQLITE_STATIC,
                               SQLITE_UTF8);
}

/// sqlite3_bind_blob64; `copy` as for text.
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count,
                                    int copy) {
    return sqlite3_bind_blob64(statement, index, bytes, count, copy ? SQLITE_TRANSIENT : SQLITE_STATIC);
}

/// SQLITE_DBCONFIG_RESET_DATABASE: the next VACUUM empties the database, however damaged it is.
static inline int csqlite_set_reset(sqlite3 *database, int on) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_RESET_DATABASE, on, (int *)0);
}

/// SQLITE_FCNTL_PERSIST_WAL: the -wal and -shm files stay when the last connection closes.
static inline int csqlite_persist_wal(sqlite3 *database) {
    int on = 1;
    return sqlite3_file_control(database, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
}

/// SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE: closing the last connection leaves the log as it is.
static inline int csqlite_keep_log_on_close(sqlite3 *database) {
    return sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

/// SQLITE_CONFIG_MEMSTATUS: without statistics no allocation takes a lock. Only before SQLite is first used.
static inline int csqlite_leave_out_statistics(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
