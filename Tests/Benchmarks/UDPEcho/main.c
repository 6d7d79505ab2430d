// The practical limit of a UDP server on this machine: batches of datagrams in, an answer of fixed content out.
//
// It reads nothing of the query. What a name server spends more than this, per query, is its own work; so the
// benchmarks give CPU time as a multiple of this program's.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/// How many datagrams one system call takes at most: as many as Steer takes.
enum { BATCH = 32 };
/// Room for a query and the record that is appended to it, in octets.
enum { BUFFER_SIZE = 2048 };
enum { MAXIMUM_THREADS = 64 };

/// The record that every answer ends with: owner at offset 12, A, IN, TTL 30, 10.96.0.7.
static const uint8_t record[] = {0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 7};

enum { HEADER_SIZE = 12 };

/// What one thread owns.
struct worker {
    int socket;
    uint8_t octets[BATCH][BUFFER_SIZE];
    struct sockaddr_in peers[BATCH];
    struct iovec received_vectors[BATCH];
    struct iovec answer_vectors[BATCH];
    struct mmsghdr received[BATCH];
    struct mmsghdr answers[BATCH];
};

static void fail(const char *what) {
    fprintf(stderr, "udp-echo: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int usage(void) {
    fputs("usage: udp-echo PORT THREADS\n"
          "Answers every datagram on 127.0.0.1:PORT (0: a free one) with itself, marked as a response, and one\n"
          "A record. Prints 'listening' and the address once it answers.\n",
          stderr);
    return 2;
}

/// Reads a whole number of `low` to `high`; returns -1 for anything else.
static long number(const char *text, long low, long high) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' || value < low || value > high ? -1 : value;
}

/// A socket on a port of the loopback address, which the threads share: the kernel spreads clients over them.
static int open_socket(uint16_t port) {
    int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    const int one = 1, buffer_size = 4 << 20;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size);
    const struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    return descriptor;
}

static uint16_t port_of(int descriptor) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
    return ntohs(address.sin_port);
}

static struct worker *make_worker(uint16_t port) {
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) fail("memory");
    worker->socket = open_socket(port);
    for (int slot = 0; slot < BATCH; slot++) {
        worker->received_vectors[slot] = (struct iovec){worker->octets[slot], BUFFER_SIZE - sizeof record};
        worker->received[slot].msg_hdr.msg_iov = &worker->received_vectors[slot];
        worker->received[slot].msg_hdr.msg_iovlen = 1;
        worker->received[slot].msg_hdr.msg_name = &worker->peers[slot];
        worker->answers[slot].msg_hdr.msg_iovlen = 1;
        worker->answers[slot].msg_hdr.msg_namelen = sizeof worker->peers[slot];
    }
    return worker;
}

/// Turns the query in a slot into an answer, in place, and puts it on the list; returns the list's new length.
static int answer(struct worker *worker, int slot, int count) {
    size_t length = worker->received[slot].msg_len;
    uint8_t *message = worker->octets[slot];
    // Answering a response could start a loop between two echoing programs.
    if (length < HEADER_SIZE || (message[2] & 0x80) != 0) return count;
    message[2] |= 0x84;  // QR, AA
    message[7] = 1;      // ANCOUNT
    memcpy(message + length, record, sizeof record);
    worker->answer_vectors[count] = (struct iovec){message, length + sizeof record};
    worker->answers[count].msg_hdr.msg_iov = &worker->answer_vectors[count];
    worker->answers[count].msg_hdr.msg_name = &worker->peers[slot];
    return count + 1;
}

static void *run(void *context) {
    struct worker *worker = context;
    for (;;) {
        for (int slot = 0; slot < BATCH; slot++)
            worker->received[slot].msg_hdr.msg_namelen = sizeof worker->peers[slot];
        int received = recvmmsg(worker->socket, worker->received, BATCH, MSG_WAITFORONE, NULL);
        int count = 0;
        for (int slot = 0; slot < received; slot++) count = answer(worker, slot, count);
        for (int next = 0; next < count;) {
            int sent = sendmmsg(worker->socket, worker->answers + next, (unsigned)(count - next), 0);
            // A client that has gone must not cost the others their answers.
            next += sent > 0 ? sent : 1;
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 3) return usage();
    long port = number(argv[1], 0, UINT16_MAX), threads = number(argv[2], 1, MAXIMUM_THREADS);
    if (port < 0 || threads < 0) return usage();
    struct worker *first = make_worker((uint16_t)port);
    port = port_of(first->socket);
    for (long index = 1; index < threads; index++) {
        pthread_t thread;
        errno = pthread_create(&thread, NULL, run, make_worker((uint16_t)port));
        if (errno != 0) fail("pthread_create");
    }
    printf("listening 127.0.0.1:%ld\n", port);
    fflush(stdout);
    run(first);
}
