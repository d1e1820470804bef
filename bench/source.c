/* A source of mail for the bench: sends copies of one message over SMTP, as fast as it is told to, and says what became of each.
 *
 *   source PORT FILE SENDER RECIPIENT [--messages N] [--sessions S] [--first F] [--each M] [--rate R]
 *
 * FILE is a message as DATA carries it: CRLF line ends, dots doubled, the final dot included. The letters after each "bench-" in it
 * are replaced by the number of the copy, so that every copy is a message of its own and the sink can tell which one arrived.
 * --first F is the number of the first copy. --each M closes a connection after M messages; --rate R sends R a second altogether, whatever is answered.
 * One line for each message on standard output: number, when it was begun, when it was answered (nanoseconds, CLOCK_MONOTONIC),
 * the code of the answer (0: the connection broke).
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"

enum { REPLY_MAX = 8192, MARKS_MAX = 64 };

static int port, sessions = 1;
static long messages = 1, first_number, each = 1L << 60;
static double rate;
static const char *sender, *recipient;
static char *content;
static size_t content_octets;
static size_t marks[MARKS_MAX];
static int mark_count;
static atomic_long next_number;
static long long begun;

struct session {
    int socket;
    char replies[REPLY_MAX];
    size_t have;
    char *content;
};

static void die(const char *why) {
    perror(why);
    exit(1);
}

static int write_all(int to, const char *octets, size_t count) {
    while (count) {
        ssize_t wrote = write(to, octets, count);
        if (wrote <= 0) return -1;
        octets += wrote;
        count -= (size_t)wrote;
    }
    return 0;
}

/* The code of the next reply, its continuation lines read too; 0 when the connection breaks. */
static int reply(struct session *s) {
    for (;;) {
        char *end = memchr(s->replies, '\n', s->have);
        if (!end) {
            if (s->have == REPLY_MAX) return 0;
            ssize_t got = read(s->socket, s->replies + s->have, REPLY_MAX - s->have);
            if (got <= 0) return 0;
            s->have += (size_t)got;
            continue;
        }
        size_t line = (size_t)(end - s->replies) + 1;
        int code = line >= 4 ? atoi(s->replies) : 0, last = line >= 4 && s->replies[3] != '-';
        s->have -= line;
        memmove(s->replies, s->replies + line, s->have);
        if (last) return code;
    }
}

static int opened(struct session *s) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    static const char hello[] = "EHLO source.bench.example\r\n";
    int at_once = 1;
    s->have = 0;
    s->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (s->socket < 0) die("socket");
    setsockopt(s->socket, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (connect(s->socket, (struct sockaddr *)&to, sizeof to) == 0 && reply(s) == 220 && write_all(s->socket, hello, sizeof hello - 1) == 0 &&
        reply(s) == 250)
        return 1;
    close(s->socket);
    return 0;
}

static void closed(struct session *s) {
    if (write_all(s->socket, "QUIT\r\n", 6) == 0) reply(s);
    close(s->socket);
}

/* The code of the answer to one message. */
static int sent(struct session *s) {
    char commands[2048];
    int length = snprintf(commands, sizeof commands, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", sender, recipient);
    if (write_all(s->socket, commands, (size_t)length)) return 0;
    int mail = reply(s), rcpt = mail ? reply(s) : 0, data = rcpt ? reply(s) : 0;
    if (data != 354) return rcpt != 250 ? rcpt : data;
    return write_all(s->socket, s->content, content_octets) ? 0 : reply(s);
}

static void wait_for_turn(long number) {
    if (rate <= 0) return;
    long long left = begun + (long long)((double)number / rate * 1e9) - nanoseconds();
    if (left > 0) nanosleep(&(struct timespec){left / 1000000000, left % 1000000000}, NULL);
}

static void *work(void *nothing) {
    struct session s = {.content = malloc(content_octets)};
    int is_open = 0, refused = 0;
    long on_this = 0;
    (void)nothing;
    memcpy(s.content, content, content_octets);
    for (;;) {
        long number = atomic_fetch_add(&next_number, 1);
        if (number >= messages) break;
        wait_for_turn(number);
        number += first_number;
        for (int i = 0; i < mark_count; i++) number_written(s.content + marks[i], number);
        long long from = nanoseconds();
        if (!is_open) is_open = opened(&s), on_this = 0;
        int code = is_open ? sent(&s) : 0;
        printf("%ld %lld %lld %d\n", number, from, nanoseconds(), code);
        if (code == 0) {
            if (is_open) close(s.socket);
            is_open = 0;
            if (++refused > 20) break;  /* nobody is there */
            usleep(100000);
        } else if (++on_this >= each) {
            closed(&s);
            is_open = 0;
        }
    }
    if (is_open) closed(&s);
    free(s.content);
    return NULL;
}

static void load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) die(path);
    content_octets = (size_t)ftell(file);
    rewind(file);
    content = malloc(content_octets);
    if (!content || fread(content, 1, content_octets, file) != content_octets) die(path);
    fclose(file);
    size_t word = strlen(MARK);
    for (size_t at = 0; at + word + MARK_LETTERS <= content_octets && mark_count < MARKS_MAX; at++)
        if (memcmp(content + at, MARK, word) == 0) marks[mark_count++] = at + word;
}

int main(int count, char **words) {
    if (count < 5) return fprintf(stderr, "source PORT FILE SENDER RECIPIENT [--messages N] [--sessions S] [--first F] [--each M] [--rate R]\n"), 2;
    port = atoi(words[1]);
    load(words[2]);
    sender = words[3];
    recipient = words[4];
    for (int i = 5; i + 1 < count; i += 2) {
        if (!strcmp(words[i], "--messages")) messages = atol(words[i + 1]);
        else if (!strcmp(words[i], "--sessions")) sessions = atoi(words[i + 1]);
        else if (!strcmp(words[i], "--first")) first_number = atol(words[i + 1]);
        else if (!strcmp(words[i], "--each")) each = atol(words[i + 1]);
        else if (!strcmp(words[i], "--rate")) rate = atof(words[i + 1]);
        else return fprintf(stderr, "unknown: %s\n", words[i]), 2;
    }
    pthread_t *threads = calloc((size_t)sessions, sizeof *threads);
    begun = nanoseconds();
    for (int i = 0; i < sessions; i++)
        if (pthread_create(&threads[i], NULL, work, NULL)) die("thread");
    for (int i = 0; i < sessions; i++) pthread_join(threads[i], NULL);
    free(threads);
    free(content);
    return 0;
}
