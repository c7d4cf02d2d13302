/*
 * The load: lines in flight between many connections, and a check of every delivery.
 *
 * It is C because the daemons under test are fast: a generator in Python would measure itself. It knows no chat
 * protocol. load.py connects, says who types what, and compiles this file; here lines are sent and read.
 *
 * A line that is sent is START, the text, END. The text is "=TTTT.SSSSSSSS=" and the filler: T is the talker's index and
 * S the number of this line among those of the talker, in hexadecimal digits. A line that is received is talk if it ends
 * with such a text (CR is left out), and something else (a greeting, a join, a confirmation) if not. Every byte of the
 * text is compared. For each pair of listener and talker S must be the one expected, so that a line lost, repeated, out
 * of order, changed or told to the wrong people ends the run with a sentence that says so.
 *
 * All functions return 0, or -1 and leave a sentence in what load_error returns.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD = 15,           /* characters of the text before the filler */
    RING = 1024,         /* lines of one talker in flight at once, at most */
    PIECE = 1 << 18,     /* bytes read at once */
    LONGEST = 1 << 20,   /* bytes of one line received, such as a list of all names */
    EVENTS = 512,
    BUCKET = 10,         /* microseconds that one bucket of the histogram spans */
};

struct under_way {
    uint32_t left; /* listeners who have not read it yet */
    uint64_t due;  /* when it was to be sent, in nanoseconds */
};

struct member {
    int fd;
    uint32_t room;
    int deaf;    /* does not read */
    int waiting; /* for the token of load_await */
    uint32_t sent;
    uint32_t audience; /* listeners of each of its lines */
    const char *start;
    uint32_t start_length;
    char *rest; /* of a line that has not ended yet */
    size_t rest_length;
    struct under_way *ring;
};

/* What load.py fills in, and reads afterwards; the same fields in the same order stand there. */
struct run {
    uint32_t size; /* of the text, in bytes */
    const char *filler;
    const char *end;
    uint32_t talkers;    /* the first so many members */
    uint32_t under_way;  /* closed loop: lines on their way at any time */
    double rate;         /* open loop: lines a second, whatever becomes of them; 0 for a closed loop */
    uint64_t lines;      /* to be sent */
    double patience;     /* seconds */
    uint64_t *histogram; /* of latencies; the last bucket is for all that took longer; may be NULL */
    uint32_t buckets;
    uint64_t deliveries;
    double elapsed;      /* seconds */
    double longest;      /* latency in seconds */
};

struct load {
    int epoll;
    uint32_t members, most, talkers;
    struct member *member;
    uint32_t *expected; /* by listener and talker: the number of the line to come */
    const char *token;
    size_t token_length;
    uint32_t waiting;
    struct run *run; /* in flight, or NULL */
    uint32_t size;   /* of the texts of the last run, or 0 */
    uint64_t whole; /* lines that all listeners have read */
    uint64_t now;
    uint32_t *done; /* talkers whose lines became whole */
    uint32_t done_length;
    char error[256];
    char buffer[LONGEST + PIECE];
};

static int fail(struct load *load, const char *sentence, ...) {
    va_list arguments;
    va_start(arguments, sentence);
    vsnprintf(load->error, sizeof load->error, sentence, arguments);
    va_end(arguments);
    return -1;
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* MEMBERS at most, of whom the first TALKERS may talk. */
struct load *load_new(uint32_t members, uint32_t talkers) {
    struct load *load = calloc(1, sizeof *load);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->most = members;
    load->talkers = talkers;
    load->member = calloc(members, sizeof *load->member);
    load->expected = calloc((size_t)members * talkers, sizeof *load->expected);
    load->done = calloc((size_t)talkers * RING, sizeof *load->done);
    for (uint32_t i = 0; i < talkers; i++)
        load->member[i].ring = calloc(RING, sizeof(struct under_way));
    return load;
}

void load_free(struct load *load) {
    for (uint32_t i = 0; i < load->most; i++) {
        free(load->member[i].rest);
        free(load->member[i].ring);
    }
    free(load->member);
    free(load->expected);
    free(load->done);
    close(load->epoll);
    free(load);
}

const char *load_error(struct load *load) { return load->error; }

/* The next member: a connected socket that does not block, and its room. */
int load_add(struct load *load, int fd, uint32_t room) {
    struct member *member = &load->member[load->members];
    member->fd = fd;
    member->room = room;
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = load->members};
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, fd, &event))
        return fail(load, "epoll: %s", strerror(errno));
    load->members++;
    return 0;
}

/* From now on this member reads nothing. */
int load_deafen(struct load *load, uint32_t index) {
    load->member[index].deaf = 1;
    if (epoll_ctl(load->epoll, EPOLL_CTL_DEL, load->member[index].fd, NULL))
        return fail(load, "epoll: %s", strerror(errno));
    return 0;
}

/* What stands before the text in all that this member says; it is not copied. */
void load_start(struct load *load, uint32_t index, const char *start, uint32_t length) {
    load->member[index].start = start;
    load->member[index].start_length = length;
}

/* Sending. */

static void write_number(char *at, uint32_t number, int digits) {
    while (digits--) {
        at[digits] = "0123456789abcdef"[number & 15];
        number >>= 4;
    }
}

static int send_all(struct load *load, uint32_t index, const char *data, size_t length) {
    ssize_t sent = send(load->member[index].fd, data, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent == (ssize_t)length)
        return 0;
    return fail(load, "member %u could not send: %s", index, sent < 0 ? strerror(errno) : "the server does not read");
}

static int talk(struct load *load, uint32_t index, uint64_t due) {
    struct member *member = &load->member[index];
    const struct run *run = load->run;
    char line[8192], *at = line;
    uint32_t number = member->sent++;
    struct under_way *entry = &member->ring[number % RING];
    if (entry->left)
        return fail(load, "member %u has %d lines in flight: the server does not keep up", index, RING);
    entry->left = member->audience;
    entry->due = due;
    at = mempcpy(at, member->start, member->start_length);
    *at++ = '=';
    write_number(at, index, 4);
    at[4] = '.';
    write_number(at + 5, number, 8);
    at[13] = '=';
    at = mempcpy(at + 14, run->filler, run->size - HEAD);
    at = stpcpy(at, run->end);
    return send_all(load, index, line, (size_t)(at - line));
}

/* Reading. */

static int read_number(const char *at, int digits, uint32_t *number) {
    uint32_t made = 0;
    while (digits--) {
        char c = *at++;
        if (c >= '0' && c <= '9')
            made = made << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            made = made << 4 | (uint32_t)(c - 'a' + 10);
        else
            return -1;
    }
    *number = made;
    return 0;
}

static int heard(struct load *load, uint32_t listener, const char *text) {
    struct run *run = load->run;
    uint32_t talker, number;
    if (read_number(text + 1, 4, &talker) || read_number(text + 6, 8, &number) || talker >= run->talkers)
        return fail(load, "member %u read a line that nobody sent: %.*s", listener, HEAD, text);
    if (number >= load->member[talker].sent)
        return fail(load, "member %u read line %u of member %u, which is not sent yet", listener, number, talker);
    if (memcmp(text + HEAD, run->filler, run->size - HEAD))
        return fail(load, "member %u read a line of member %u that was changed", listener, talker);
    if (talker == listener)
        return fail(load, "member %u was told its own line", listener);
    if (load->member[talker].room != load->member[listener].room)
        return fail(load, "member %u was told a line of another room, of member %u", listener, talker);
    uint32_t *expected = &load->expected[(size_t)listener * load->talkers + talker];
    if (number != *expected)
        return fail(load, "member %u read line %u of member %u and not line %u: %s", listener, number, talker,
                    *expected, number < *expected ? "repeated or out of order" : "lost or out of order");
    ++*expected;
    run->deliveries++;
    struct under_way *entry = &load->member[talker].ring[number % RING];
    if (run->histogram && load->now > entry->due) {
        uint64_t took = load->now - entry->due, bucket = took / (BUCKET * 1000);
        run->histogram[bucket < run->buckets ? bucket : run->buckets - 1]++;
        if (took > run->longest * 1e9)
            run->longest = (double)took / 1e9;
    } else if (run->histogram) {
        run->histogram[0]++;
    }
    if (--entry->left == 0) {
        load->done[load->done_length++] = talker;
        load->whole++;
    }
    return 0;
}

static int take_line(struct load *load, uint32_t index, const char *line, size_t length) {
    if (length && line[length - 1] == '\r')
        length--;
    if (load->size && length >= load->size) {
        const char *text = line + length - load->size;
        if (text[0] == '=' && text[5] == '.' && text[HEAD - 1] == '=')
            return load->run ? heard(load, index, text)
                             : fail(load, "member %u read a line when all had been delivered", index);
    }
    struct member *member = &load->member[index];
    if (member->waiting && memmem(line, length, load->token, load->token_length)) {
        member->waiting = 0;
        load->waiting--;
    } else if (length >= 4 && length < 200 && !memcmp(line, "PING", 4)) {
        char pong[256];
        int made = snprintf(pong, sizeof pong, "PONG%.*s\r\n", (int)length - 4, line + 4);
        return send_all(load, index, pong, (size_t)made);
    }
    return 0;
}

static int read_member(struct load *load, uint32_t index) {
    struct member *member = &load->member[index];
    char *from = load->buffer;
    size_t before = member->rest_length;
    memcpy(from, member->rest, before);
    ssize_t got = recv(member->fd, from + before, PIECE, MSG_DONTWAIT);
    if (got <= 0) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return 0;
        return fail(load, "member %u was cut off: %s", index, got ? strerror(errno) : "end of file");
    }
    char *end = from + before + got, *line = from, *newline;
    if (!load->run || load->run->histogram)
        load->now = nanoseconds();
    for (char *look = from + before; (newline = memchr(look, '\n', (size_t)(end - look))); look = line) {
        if (take_line(load, index, line, (size_t)(newline - line)))
            return -1;
        line = newline + 1;
    }
    size_t rest = (size_t)(end - line);
    if (rest > LONGEST)
        return fail(load, "member %u read a line without an end", index);
    if (rest > member->rest_length || rest == 0)
        member->rest = rest ? realloc(member->rest, rest) : (free(member->rest), NULL);
    if (rest)
        memcpy(member->rest, line, rest);
    member->rest_length = rest;
    return 0;
}

/* Read from all who have something to read, or wait so many milliseconds for it. Returns what is left to do. */
static int read_all(struct load *load, int milliseconds, int *timer) {
    struct epoll_event events[EVENTS];
    int found = epoll_wait(load->epoll, events, EVENTS, milliseconds);
    if (found < 0 && errno != EINTR)
        return fail(load, "epoll: %s", strerror(errno));
    for (int i = 0; i < found; i++) {
        if (events[i].data.u32 == UINT32_MAX)
            *timer = 1;
        else if (read_member(load, events[i].data.u32))
            return -1;
    }
    return found;
}

/* Registration. */

/* Members FIRST to FIRST + COUNT - 1 say something each, and all that comes is read until each of them has read a line
   with TOKEN in it. */
int load_await(struct load *load, uint32_t first, uint32_t count, const char *const *data, const uint32_t *length,
               const char *token, double patience) {
    uint64_t deadline = nanoseconds() + (uint64_t)(patience * 1e9);
    load->token = token;
    load->token_length = strlen(token);
    load->waiting = count;
    for (uint32_t i = 0; i < count; i++) {
        load->member[first + i].waiting = 1;
        if (send_all(load, first + i, data[i], length[i]))
            return -1;
    }
    while (load->waiting) {
        if (read_all(load, 100, NULL) < 0)
            return -1;
        if (nanoseconds() > deadline)
            return fail(load, "%u of %u members did not read '%s' in %.0f seconds", load->waiting, count, token, patience);
    }
    return 0;
}

/* Read until nothing has come for so many milliseconds. Talk that comes now was told twice, and fails. */
int load_quiet(struct load *load, int milliseconds) {
    int found;
    while ((found = read_all(load, milliseconds, NULL)) > 0)
        ;
    return found;
}

/* Running. */

static void count_audiences(struct load *load) {
    uint32_t rooms = 0;
    for (uint32_t i = 0; i < load->members; i++)
        if (load->member[i].room >= rooms)
            rooms = load->member[i].room + 1;
    uint32_t *listeners = calloc(rooms, sizeof *listeners);
    for (uint32_t i = 0; i < load->members; i++)
        listeners[load->member[i].room] += !load->member[i].deaf;
    for (uint32_t i = 0; i < load->run->talkers; i++)
        load->member[i].audience = listeners[load->member[i].room] - !load->member[i].deaf;
    free(listeners);
}

static int check_time(struct load *load, uint64_t began) {
    const struct run *run = load->run;
    if ((double)(nanoseconds() - began) / 1e9 < run->patience)
        return 0;
    return fail(load, "after %.0f seconds %llu of %llu lines had reached everybody", run->patience,
                (unsigned long long)load->whole, (unsigned long long)run->lines);
}

/* So many lines are always in flight: when one has reached all, its talker sends the next. */
static int run_closed(struct load *load, uint64_t began) {
    const struct run *run = load->run;
    uint64_t sent = 0;
    while (sent < run->under_way && sent < run->lines)
        if (talk(load, (uint32_t)(sent++ % run->talkers), 0))
            return -1;
    while (load->whole < run->lines) {
        if (read_all(load, 100, NULL) < 0 || check_time(load, began))
            return -1;
        for (uint32_t i = 0; i < load->done_length && sent < run->lines; i++, sent++)
            if (talk(load, load->done[i], 0))
                return -1;
        load->done_length = 0;
    }
    return 0;
}

static int start_timer(struct load *load, int timer, double rate) {
    long period = (long)(1e9 / rate);
    struct itimerspec every = {.it_interval = {period / 1000000000, period % 1000000000}, .it_value = {0, 1}};
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
    if (timer < 0 || timerfd_settime(timer, 0, &every, NULL) || epoll_ctl(load->epoll, EPOLL_CTL_ADD, timer, &event))
        return fail(load, "timer: %s", strerror(errno));
    return 0;
}

/* Lines are sent when they are due, by one talker after the other, however long the ones before take. */
static int run_open(struct load *load, uint64_t began) {
    const struct run *run = load->run;
    uint64_t sent = 0;
    int result = -1, timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (start_timer(load, timer, run->rate))
        return -1;
    while (load->whole < run->lines) {
        int due = 0;
        if (read_all(load, 100, &due) < 0 || check_time(load, began))
            goto end;
        load->done_length = 0;
        uint64_t times;
        if (!due || read(timer, &times, sizeof times) != sizeof times)
            continue;
        for (uint64_t elapsed = nanoseconds() - began; sent < run->lines; sent++) {
            uint64_t when = (uint64_t)((double)sent * 1e9 / run->rate);
            if (when > elapsed)
                break;
            if (talk(load, (uint32_t)(sent % run->talkers), began + when))
                goto end;
        }
    }
    result = 0;
end:
    close(timer);
    return result;
}

int load_run(struct load *load, struct run *run) {
    load->run = run;
    load->size = run->size;
    load->whole = 0;
    load->done_length = 0;
    count_audiences(load);
    uint64_t began = nanoseconds();
    int result = run->rate > 0 ? run_open(load, began) : run_closed(load, began);
    run->elapsed = (double)(nanoseconds() - began) / 1e9;
    if (result == 0)
        result = load_quiet(load, 20);
    load->run = NULL;
    return result;
}
