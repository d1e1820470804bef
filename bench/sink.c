/* A sink for the bench: an SMTP receiver that throws mail away and says when each message arrived.
 *
 *   sink PORT [--delay MS]
 *
 * --delay MS waits before every reply, as a receiver far away would seem to. One line for each message on standard output: the number
 * behind its first "bench-" (-1: none), when its final dot came (nanoseconds, CLOCK_MONOTONIC), its octets. Runs until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "mark.h"

enum { ROOM = 1 << 18, HEAD = 1 << 15 };

static int delay_ms;

struct session {
    int socket;
    size_t have;
    char octets[ROOM];
};

static int say(struct session *s, const char *line) {
    if (delay_ms) usleep((useconds_t)delay_ms * 1000);
    return write(s->socket, line, strlen(line)) < 0 ? -1 : 0;
}

static int more(struct session *s) {
    ssize_t got = read(s->socket, s->octets + s->have, ROOM - s->have);
    if (got > 0) s->have += (size_t)got;
    return got > 0;
}

static void drop(struct session *s, size_t count) {
    s->have -= count;
    memmove(s->octets, s->octets + count, s->have);
}

/* Reads a message up to its final dot. Its octets; -1 when the connection broke. */
static long long message(struct session *s, long *number) {
    static const char end[] = "\r\n.\r\n";
    long long octets = 0;
    *number = -1;
    for (int first = 1;;) {
        if (first && (s->have >= HEAD || memmem(s->octets, s->have, end, 5))) {
            char *mark = memmem(s->octets, s->have, MARK, strlen(MARK));
            if (mark && (size_t)(mark - s->octets) + strlen(MARK) + MARK_LETTERS <= s->have) *number = number_read(mark + strlen(MARK));
            first = 0;
        }
        if (!first) {
            char *dot = memmem(s->octets, s->have, end, 5);
            if (dot) {
                size_t size = (size_t)(dot - s->octets) + 5;
                drop(s, size);
                return octets + (long long)size;
            }
            if (s->have > 4) {
                octets += (long long)s->have - 4;
                drop(s, s->have - 4);
            }
        }
        if (!more(s)) return -1;
    }
}

static void *serve(void *given) {
    struct session *s = given;
    say(s, "220 sink.bench.example ESMTP\r\n");
    for (;;) {
        char *end;
        while (!(end = memchr(s->octets, '\n', s->have)))
            if (!more(s)) goto gone;
        size_t line = (size_t)(end - s->octets) + 1;
        char verb[5] = {0};
        memcpy(verb, s->octets, line < 4 ? line : 4);
        drop(s, line);
        if (!strcasecmp(verb, "EHLO")) say(s, "250-sink.bench.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 104857600\r\n");
        else if (!strcasecmp(verb, "DATA")) {
            long number;
            say(s, "354 go on\r\n");
            long long octets = message(s, &number);
            if (octets < 0) goto gone;
            printf("%ld %lld %lld\n", number, nanoseconds(), octets);
            say(s, "250 2.0.0 thrown away\r\n");
        } else if (!strcasecmp(verb, "QUIT")) {
            say(s, "221 2.0.0 bye\r\n");
            goto gone;
        } else say(s, "250 2.0.0 yes\r\n");
    }
gone:
    close(s->socket);
    free(s);
    return NULL;
}

int main(int count, char **words) {
    if (count < 2) return fprintf(stderr, "sink PORT [--delay MS]\n"), 2;
    if (count > 3 && !strcmp(words[2], "--delay")) delay_ms = atoi(words[3]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, (struct sockaddr *)&here, sizeof here) || listen(listening, 1024)) return perror("listen"), 1;
    for (;;) {
        struct session *s = malloc(sizeof *s);
        pthread_t thread;
        if (!s || (s->socket = accept(listening, NULL, NULL)) < 0) return perror("accept"), 1;
        setsockopt(s->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        s->have = 0;
        if (pthread_create(&thread, NULL, serve, s)) return perror("thread"), 1;
        pthread_detach(thread);
    }
}
