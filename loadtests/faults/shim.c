/* Stands between a process and its C library (LD_PRELOAD) and breaks the n-th call.

   The rules, their counts and the clock's skew lie in a small file that the harness maps too
   (shim.py has the same layout), so a rule can be changed while the process runs, and a count read.
   Each call that a rule with "is_logged" matches becomes one line of the log. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, RENAME = 4, UNLINK = 8, CREATE = 16, ALLOCATE = 32, TRUNCATE = 64,
       LINK = 128, MKDIR = 256 };
enum { COUNT, FAIL, SHORT, KILL_BEFORE, KILL_AFTER, KILL_TORN, SLEEP };
#define RULES 8

struct rule {
    int32_t ops;       /* bits of the calls it is about; 0 = no rule */
    int32_t action;
    int64_t first;     /* acts on the calls from this one (the first is 1) ... */
    int64_t last;      /* ... to this one */
    int64_t argument;  /* an errno, or nanoseconds */
    int64_t count;     /* matching calls so far */
    int32_t is_logged;
    int32_t spare;
    char path[144];    /* a text that the file's path contains */
};

struct control {
    int64_t skew_ns;   /* added to CLOCK_REALTIME */
    struct rule rules[RULES];
};

static struct control *control;
static int log_fd = -1;

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL"), *log = getenv("FAULTS_LOG");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0) return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (map == MAP_FAILED) return;
    control = map;
    if (log) {
        int low = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
        log_fd = fcntl(low, F_DUPFD_CLOEXEC, 900); /* out of the way of fds that are passed on */
        if (log_fd < 0) log_fd = low; else syscall(SYS_close, low);
    }
}

static void path_of(int fd, char *path, size_t size) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, size - 1);
    path[n > 0 ? n : 0] = 0;
}

static void note(const char *name, int fd, const char *path, int64_t count, int error) {
    struct stat status = {0};
    if (fd >= 0) fstat(fd, &status); else stat(path, &status);
    char line[512];
    int n = snprintf(line, sizeof line, "%s %d %lld %lld %d %s\n", name, (int)getpid(),
                     (long long)status.st_ino, (long long)count, error, path);
    if (n > (int)sizeof line - 1) n = sizeof line - 1;
    if (log_fd >= 0) syscall(SYS_write, log_fd, line, (size_t)n);
}

static void die(void) { syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); for (;;) pause(); }

/* What is to happen to this call: the action of the first rule that acts on it. */
static struct rule *decide(int op, const char *name, int fd, const char *given) {
    if (!control) return NULL;
    struct rule *acting = NULL;
    char path[512] = "";
    int saved = errno;
    for (int i = 0; i < RULES; i++) {
        struct rule *rule = &control->rules[i];
        if (!(rule->ops & op)) continue;
        if (!path[0]) {
            if (given) snprintf(path, sizeof path, "%s", given);
            else path_of(fd, path, sizeof path);
        }
        if (!strstr(path, rule->path)) continue;
        int64_t count = __atomic_add_fetch(&rule->count, 1, __ATOMIC_SEQ_CST);
        int acts = count >= rule->first && count <= rule->last;
        if (rule->is_logged)
            note(name, fd, path, count, acts && rule->action == FAIL ? (int)rule->argument : 0);
        if (acts && !acting) acting = rule;
    }
    if (acting && acting->action == KILL_BEFORE) die();
    if (acting && acting->action == SLEEP) {
        struct timespec pause = {acting->argument / 1000000000, acting->argument % 1000000000};
        nanosleep(&pause, NULL);
    }
    errno = saved;
    return acting;
}

static int fails(const struct rule *rule) {
    if (!rule || rule->action != FAIL) return 0;
    errno = (int)rule->argument;
    return 1;
}

static void after(const struct rule *rule) {
    if (rule && (rule->action == KILL_AFTER || rule->action == KILL_TORN)) die();
}

/* Calls that write `size` bytes: SHORT writes half of them once, then fails; KILL_TORN half. */
static size_t part(const struct rule *rule, size_t size, int *refused) {
    *refused = fails(rule);
    if (!rule || *refused) return size;
    if (rule->action == KILL_TORN) return size / 2;
    if (rule->action != SHORT) return size;
    if (rule->count > rule->first || size < 2) { errno = (int)rule->argument; *refused = 1; }
    return size / 2;
}

ssize_t write(int fd, const void *data, size_t size) {
    struct rule *rule = decide(WRITE, "write", fd, NULL);
    int refused;
    size_t some = part(rule, size, &refused);
    if (refused) return -1;
    ssize_t done = syscall(SYS_write, fd, data, some);
    after(rule);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    struct rule *rule = decide(WRITE, "pwrite", fd, NULL);
    int refused;
    size_t some = part(rule, size, &refused);
    if (refused) return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, data, some, at);
    after(rule);
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return pwrite64(fd, data, size, at);
}

#define AROUND(op, name, fd, path, call)                         \
    struct rule *rule = decide(op, name, fd, path);              \
    if (fails(rule)) return -1;                                  \
    int done = (int)(call);                                      \
    after(rule);                                                 \
    return done

ssize_t writev(int fd, const struct iovec *parts, int n) {
    AROUND(WRITE, "writev", fd, NULL, syscall(SYS_writev, fd, parts, n));
}

int fsync(int fd) { AROUND(SYNC, "fsync", fd, NULL, syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { AROUND(SYNC, "fdatasync", fd, NULL, syscall(SYS_fdatasync, fd)); }

int ftruncate64(int fd, off64_t size) {
    AROUND(TRUNCATE, "ftruncate", fd, NULL, syscall(SYS_ftruncate, fd, size));
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off64_t at, off64_t size) {
    struct rule *rule = decide(ALLOCATE, "fallocate", fd, NULL);
    if (fails(rule)) return (int)rule->argument; /* this one hands the error back */
    int (*next)(int, off64_t, off64_t) = real("posix_fallocate64");
    int done = next(fd, at, size);
    after(rule);
    return done;
}
int posix_fallocate(int fd, off_t at, off_t size) { return posix_fallocate64(fd, at, size); }
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
    AROUND(ALLOCATE, "fallocate", fd, NULL, syscall(SYS_fallocate, fd, mode, at, size));
}
int fallocate(int fd, int mode, off_t at, off_t size) { return fallocate64(fd, mode, at, size); }

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    AROUND(RENAME, "rename", -1, new, syscall(SYS_renameat2, from, old, to, new, flags));
}
int renameat(int from, const char *old, int to, const char *new) {
    return renameat2(from, old, to, new, 0);
}
int rename(const char *old, const char *new) {
    return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0);
}

int unlinkat(int folder, const char *path, int flags) {
    AROUND(UNLINK, "unlink", -1, path, syscall(SYS_unlinkat, folder, path, flags));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
    AROUND(LINK, "link", -1, new, syscall(SYS_linkat, from, old, to, new, flags));
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int mkdir(const char *path, mode_t mode) {
    AROUND(MKDIR, "mkdir", -1, path, syscall(SYS_mkdirat, AT_FDCWD, path, mode));
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    struct rule *rule = flags & O_CREAT ? decide(CREATE, "create", -1, path) : NULL;
    if (fails(rule)) return -1;
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    after(rule);
    return fd;
}

#define OPEN(signature, folder)                                  \
    signature {                                                  \
        va_list more;                                            \
        va_start(more, flags);                                   \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0; \
        va_end(more);                                            \
        return open_at(folder, path, flags, mode);               \
    }
OPEN(int open(const char *path, int flags, ...), AT_FDCWD)
OPEN(int open64(const char *path, int flags, ...), AT_FDCWD)
OPEN(int openat(int folder, const char *path, int flags, ...), folder)
OPEN(int openat64(int folder, const char *path, int flags, ...), folder)

static void skew(struct timespec *at) {
    int64_t ns = at->tv_sec * 1000000000LL + at->tv_nsec + (control ? control->skew_ns : 0);
    at->tv_sec = ns / 1000000000LL;
    at->tv_nsec = ns % 1000000000LL;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    static int (*next)(clockid_t, struct timespec *);
    if (!next) next = real("clock_gettime");
    int done = next(clock, at);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) skew(at);
    return done;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    struct timespec now;
    if (clock_gettime(CLOCK_REALTIME, &now)) return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
