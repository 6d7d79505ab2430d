// A closed-loop load of DNS queries over UDP: each socket keeps a window of queries under way, and sends the next
// when one is answered or given up. It measures the server's CPU time per answered query, which says more than a
// rate: the load generator and the network cannot flatter or spoil it.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/// How many datagrams one system call takes at most.
enum { BATCH = 32 };
/// Header 12, name 255, type and class 4, OPT 11 octets and its options.
enum { MAXIMUM_OPTIONS = 64 };
enum { QUERY_SIZE = 12 + 255 + 4 + 11 + MAXIMUM_OPTIONS };
enum { ANSWER_SIZE = 4096 };
enum { HEADER_SIZE = 12, MAXIMUM_LABEL = 63, MAXIMUM_NAME = 255 };
enum { MAXIMUM_SOCKETS = 256, MAXIMUM_WINDOW = 4096, MAXIMUM_QUERIES = 100000, MAXIMUM_SECONDS = 600 };
/// A query that is not answered in this time, in seconds, is lost.
static const double timeout = 0.5;
/// Latencies are counted by the microsecond up to this one, which stands for all longer ones too.
enum { LONGEST_LATENCY = 1000000 };
enum { IDS = 65536, RCODES = 16 };

struct query {
    uint8_t octets[QUERY_SIZE];
    size_t length;
};

struct query_list {
    struct query *items;
    size_t count, capacity;
};

/// A socket and its queries under way: those of the IDs from `oldest` up to `next` that have a time.
struct client {
    int socket;
    int under_way;
    uint16_t oldest, next;
    /// Per ID when it was sent, in seconds; 0 if it is not under way.
    double *sent_at;
};

struct settings {
    struct sockaddr_in server;
    double seconds;
    int sockets, window;
    pid_t process;
    bool edns;
    uint8_t options[MAXIMUM_OPTIONS];  // EDNS options, encoded
    size_t options_length;
    /// The sockets' source addresses: `source_count` of them from `first_source` on, in host order; none if 0.
    uint32_t first_source;
    int source_count;
};

struct totals {
    uint64_t sent, answered, lost, malformed;
    uint64_t rcodes[RCODES];
    uint32_t latencies[LONGEST_LATENCY + 1];
};

static struct totals totals;

_Noreturn static void usage(const char *fault) {
    if (fault != NULL) fprintf(stderr, "udp-load: %s\n", fault);
    fputs("usage: udp-load [OPTION]... ADDRESS PORT SECONDS\n"
          "Asks the DNS server at ADDRESS (loopback: 127.0.0.0/8) and prints what came of it as one line of key=value.\n"
          "  -f FILE         queries to ask in turn, one 'NAME TYPE' per line\n"
          "  -q 'NAME TYPE'  a query to ask; may be repeated\n"
          "  -e              with EDNS: a payload size of 1232 octets, no options\n"
          "  -o CODE:HEX     an EDNS option of that code with those octets; may be repeated; implies -e\n"
          "  -a FIRST/COUNT  ask from COUNT loopback addresses, FIRST and those after it\n"
          "  -s SOCKETS      sockets to ask from, 1 to 256 (8)\n"
          "  -w WINDOW       queries under way per socket, 1 to 4096 (32)\n"
          "  -p PID          the server's process, whose CPU time is measured\n",
          stderr);
    exit(2);
}

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "udp-load: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static void *allocate(size_t count, size_t size) {
    void *block = calloc(count, size);
    if (block == NULL) fail("memory");
    return block;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/// The whole number in `text`, which must be one of `low` to `high`.
static long number(const char *text, long low, long high, const char *fault) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < low || value > high) usage(fault);
    return value;
}

/// The loopback address in `text`, in host order.
static uint32_t loopback(const char *text) {
    struct in_addr address;
    if (inet_pton(AF_INET, text, &address) != 1 || ntohl(address.s_addr) >> 24 != IN_LOOPBACKNET)
        usage("an address must be IPv4 and loopback, such as 127.0.0.1: this load is not for networks");
    return ntohl(address.s_addr);
}

/// A record type by mnemonic or number; -1 if it is neither.
static int type_number(const char *text) {
    static const struct {
        const char *mnemonic;
        int number;
    } types[] = {{"A", 1},    {"NS", 2},    {"CNAME", 5}, {"SOA", 6},    {"PTR", 12},
                 {"MX", 15},  {"TXT", 16},  {"AAAA", 28}, {"SRV", 33},   {"DS", 43},
                 {"SVCB", 64}, {"HTTPS", 65}, {"ANY", 255}};
    for (size_t index = 0; index < sizeof types / sizeof *types; index++)
        if (strcasecmp(text, types[index].mnemonic) == 0) return types[index].number;
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return errno != 0 || end == text || *end != '\0' || value < 0 || value > UINT16_MAX ? -1 : (int)value;
}

/// Writes a name in wire format; returns its length in octets, or 0 if it is not a name. Escapes are not known.
static size_t write_name(const char *text, uint8_t *octets) {
    size_t length = 0;
    if (strcmp(text, ".") == 0) text = "";
    while (*text != '\0') {
        size_t label = strcspn(text, ".");
        if (label == 0 || label > MAXIMUM_LABEL || length + label + 2 > MAXIMUM_NAME) return 0;
        octets[length] = (uint8_t)label;
        memcpy(octets + length + 1, text, label);
        length += label + 1;
        text += label;
        if (*text == '.') text++;
    }
    octets[length] = 0;
    return length + 1;
}

/// Adds the query of a line `NAME TYPE`; false if the line is anything else.
static bool add_query(struct query_list *list, const char *line) {
    char name[MAXIMUM_NAME + 2], type[16], rest[2];
    if (sscanf(line, "%256s %15s %1s", name, type, rest) != 2) return false;
    if (list->count == MAXIMUM_QUERIES) usage("there are more than 100000 queries");
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->items = realloc(list->items, list->capacity * sizeof *list->items);
        if (list->items == NULL) fail("memory");
    }
    struct query *query = &list->items[list->count];
    memset(query, 0, sizeof *query);
    query->octets[5] = 1;  // QDCOUNT
    size_t name_length = write_name(name, query->octets + HEADER_SIZE);
    int number = type_number(type);
    if (name_length == 0 || number < 0) return false;
    uint8_t *end = query->octets + HEADER_SIZE + name_length;
    *end++ = (uint8_t)(number >> 8);
    *end++ = (uint8_t)number;
    *end++ = 0;
    *end++ = 1;  // class IN
    query->length = (size_t)(end - query->octets);
    list->count++;
    return true;
}

static void read_queries(struct query_list *list, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path);
    char line[512];
    for (long number = 1; fgets(line, sizeof line, file) != NULL; number++) {
        if (line[strspn(line, " \t\r\n")] == '\0') continue;
        if (!add_query(list, line)) {
            fprintf(stderr, "udp-load: %s:%ld: not a line of NAME TYPE\n", path, number);
            exit(2);
        }
    }
    if (ferror(file)) fail(path);
    fclose(file);
}

/// Adds an EDNS option to those that every query gets: CODE:HEX.
static void add_option(struct settings *settings, char *text) {
    char *colon = strchr(text, ':');
    if (colon == NULL) usage("-o takes CODE:HEX");
    *colon = '\0';
    uint16_t code = (uint16_t)number(text, 0, UINT16_MAX, "CODE of -o is 0 to 65535");
    const char *digits = colon + 1;
    size_t length = strlen(digits) / 2;
    if (settings->options_length + 4 + length > MAXIMUM_OPTIONS) usage("the options of -o are too long");
    uint8_t *option = settings->options + settings->options_length;
    option[0] = (uint8_t)(code >> 8);
    option[1] = (uint8_t)code;
    option[2] = 0;
    option[3] = (uint8_t)length;
    for (size_t index = 0; index < length; index++) {
        if (sscanf(digits + 2 * index, "%2hhx", &option[4 + index]) != 1) usage("HEX of -o is pairs of digits");
    }
    settings->options_length += 4 + length;
    settings->edns = true;
}

/// Adds an OPT with the options to every query.
static void add_edns(struct query_list *list, const struct settings *settings) {
    uint8_t opt[11 + MAXIMUM_OPTIONS] = {0, 0, 41, 1232 >> 8, 1232 & 0xFF, 0, 0, 0, 0, 0};
    opt[10] = (uint8_t)settings->options_length;
    memcpy(opt + 11, settings->options, settings->options_length);
    size_t length = 11 + settings->options_length;
    for (size_t index = 0; index < list->count; index++) {
        struct query *query = &list->items[index];
        query->octets[11] = 1;  // ARCOUNT
        memcpy(query->octets + query->length, opt, length);
        query->length += length;
    }
}

static struct settings read_arguments(int argc, char **argv, struct query_list *list) {
    struct settings settings = {.sockets = 8, .window = 32};
    int option;
    while ((option = getopt(argc, argv, "f:q:eo:a:s:w:p:")) != -1) {
        switch (option) {
        case 'f': read_queries(list, optarg); break;
        case 'q':
            if (!add_query(list, optarg)) usage("-q takes 'NAME TYPE'");
            break;
        case 'e': settings.edns = true; break;
        case 'o': add_option(&settings, optarg); break;
        case 'a': {
            char *slash = strchr(optarg, '/');
            if (slash == NULL) usage("-a takes FIRST/COUNT");
            *slash = '\0';
            settings.first_source = loopback(optarg);
            settings.source_count = (int)number(slash + 1, 1, MAXIMUM_SOCKETS, "COUNT of -a is 1 to 256");
            uint32_t last = settings.first_source + (uint32_t)settings.source_count - 1;
            if (last >> 24 != IN_LOOPBACKNET) usage("the addresses of -a leave 127.0.0.0/8");
            break;
        }
        case 's': settings.sockets = (int)number(optarg, 1, MAXIMUM_SOCKETS, "-s takes 1 to 256"); break;
        case 'w': settings.window = (int)number(optarg, 1, MAXIMUM_WINDOW, "-w takes 1 to 4096"); break;
        case 'p': settings.process = (pid_t)number(optarg, 1, INT32_MAX, "-p takes a process ID"); break;
        default: usage(NULL);
        }
    }
    if (argc - optind != 3) usage("ADDRESS, PORT and SECONDS are wanted");
    if (list->count == 0) usage("there is no query; name some with -f or -q");
    settings.server = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(loopback(argv[optind])),
        .sin_port = htons((uint16_t)number(argv[optind + 1], 1, UINT16_MAX, "PORT is 1 to 65535"))};
    settings.seconds = (double)number(argv[optind + 2], 1, MAXIMUM_SECONDS, "SECONDS is 1 to 600");
    if (settings.edns) add_edns(list, &settings);
    return settings;
}

static struct client open_client(const struct settings *settings, int index) {
    struct client client = {.socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (client.socket < 0) fail("socket");
    const int size = 4 << 20;
    setsockopt(client.socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(client.socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (settings->source_count > 0) {
        uint32_t source = settings->first_source + (uint32_t)(index % settings->source_count);
        const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
        if (bind(client.socket, (const struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    }
    // A connected socket takes datagrams from the server alone.
    if (connect(client.socket, (const struct sockaddr *)&settings->server, sizeof settings->server) != 0)
        fail("connect");
    client.sent_at = allocate(IDS, sizeof *client.sent_at);
    return client;
}

/// Gives up the queries that wait too long. IDs are given in turn, so the oldest are first.
static void expire(struct client *client, double time) {
    while (client->oldest != client->next) {
        double sent_at = client->sent_at[client->oldest];
        if (sent_at != 0) {
            if (time - sent_at < timeout) return;
            client->sent_at[client->oldest] = 0;
            client->under_way--;
            totals.lost++;
        }
        client->oldest++;
    }
}

/// Sends as many queries as the window has room for, a batch at most; `turn` is the next one's place in the list.
static void send_queries(struct client *client, const struct query_list *list, size_t *turn, int window) {
    static uint8_t octets[BATCH][QUERY_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    int room = window - client->under_way, count = 0;
    for (; count < room && count < BATCH; count++) {
        // An ID that is still under way is not given a second time.
        uint16_t id = (uint16_t)(client->next + count);
        if (client->sent_at[id] != 0) break;
        const struct query *query = &list->items[(*turn + (size_t)count) % list->count];
        memcpy(octets[count], query->octets, query->length);
        octets[count][0] = (uint8_t)(id >> 8);
        octets[count][1] = (uint8_t)id;
        vectors[count] = (struct iovec){octets[count], query->length};
        memset(&messages[count], 0, sizeof messages[count]);
        messages[count].msg_hdr.msg_iov = &vectors[count];
        messages[count].msg_hdr.msg_iovlen = 1;
    }
    if (count == 0) return;
    double time = now();
    int sent = sendmmsg(client->socket, messages, (unsigned)count, 0);
    for (int index = 0; index < sent; index++) {
        client->sent_at[client->next++] = time;
        client->under_way++;
        totals.sent++;
        *turn = (*turn + 1) % list->count;
    }
}

static void count_answer(struct client *client, const uint8_t *answer, size_t length, double time) {
    if (length < HEADER_SIZE || (answer[2] & 0x80) == 0) {
        totals.malformed++;
        return;
    }
    uint16_t id = (uint16_t)(answer[0] << 8 | answer[1]);
    // What was given up, or never asked, does not count.
    if (client->sent_at[id] == 0) return;
    double microseconds = (time - client->sent_at[id]) * 1e6;
    totals.latencies[microseconds < LONGEST_LATENCY ? (int)microseconds : LONGEST_LATENCY]++;
    client->sent_at[id] = 0;
    client->under_way--;
    totals.answered++;
    totals.rcodes[answer[3] & 0xF]++;
}

static void receive_answers(struct client *client) {
    static uint8_t octets[BATCH][ANSWER_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    int received;
    do {
        for (int index = 0; index < BATCH; index++) {
            vectors[index] = (struct iovec){octets[index], ANSWER_SIZE};
            memset(&messages[index], 0, sizeof messages[index]);
            messages[index].msg_hdr.msg_iov = &vectors[index];
            messages[index].msg_hdr.msg_iovlen = 1;
        }
        received = recvmmsg(client->socket, messages, BATCH, MSG_DONTWAIT, NULL);
        double time = now();
        for (int index = 0; index < received; index++)
            count_answer(client, octets[index], messages[index].msg_len, time);
    } while (received == BATCH);
}

/// Asks for as long as the settings say; returns how long that was, in seconds.
static double run(const struct settings *settings, const struct query_list *list, struct client *clients) {
    struct pollfd *polled = allocate((size_t)settings->sockets, sizeof *polled);
    for (int index = 0; index < settings->sockets; index++)
        polled[index] = (struct pollfd){.fd = clients[index].socket, .events = POLLIN};
    size_t turn = 0;
    double start = now(), time = start;
    for (; time - start < settings->seconds; time = now()) {
        for (int index = 0; index < settings->sockets; index++) {
            expire(&clients[index], time);
            send_queries(&clients[index], list, &turn, settings->window);
        }
        if (poll(polled, (nfds_t)settings->sockets, 20) <= 0) continue;
        for (int index = 0; index < settings->sockets; index++)
            if (polled[index].revents != 0) receive_answers(&clients[index]);
    }
    free(polled);
    return time - start;
}

/// CPU time of a process in seconds, and the part of it in user space.
struct cpu_time {
    double all, user;
};

static struct cpu_time cpu_time_of(pid_t process) {
    struct cpu_time result = {0, 0};
    if (process == 0) return result;
    clockid_t clock;
    struct timespec time;
    // The process's clock counts nanoseconds; /proc counts ticks, which do for the split.
    errno = clock_getcpuclockid(process, &clock);
    if (errno != 0 || clock_gettime(clock, &time) != 0) fail("CPU time of the process");
    result.all = (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
    char text[1024], path[64];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail(path);
    size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    // The command's name, in parentheses, may hold anything.
    const char *rest = strrchr(text, ')');
    unsigned long ticks;
    if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu", &ticks) != 1) return result;
    result.user = (double)ticks / (double)sysconf(_SC_CLK_TCK);
    return result;
}

/// The latency in microseconds that a share of the answers does not exceed.
static int percentile(double share) {
    uint64_t wanted = (uint64_t)((double)totals.answered * share), seen = 0;
    for (int latency = 0; latency < LONGEST_LATENCY; latency++) {
        seen += totals.latencies[latency];
        if (seen > wanted) return latency;
    }
    return LONGEST_LATENCY;
}

static void print_totals(const struct settings *settings, double seconds, struct cpu_time before, struct cpu_time after) {
    printf("answered=%llu lost=%llu malformed=%llu seconds=%.2f per_second=%.0f",
           (unsigned long long)totals.answered, (unsigned long long)totals.lost,
           (unsigned long long)totals.malformed, seconds, (double)totals.answered / seconds);
    if (totals.answered > 0) {
        printf(" p50_us=%d p99_us=%d p999_us=%d", percentile(0.5), percentile(0.99), percentile(0.999));
        if (settings->process != 0) {
            double scale = 1e6 / (double)totals.answered;
            printf(" cpu_us_per_query=%.3f user_us_per_query=%.3f", (after.all - before.all) * scale,
                   (after.user - before.user) * scale);
        }
    }
    for (int code = 0; code < RCODES; code++)
        if (totals.rcodes[code] > 0) printf(" rcode%d=%llu", code, (unsigned long long)totals.rcodes[code]);
    putchar('\n');
}

int main(int argc, char **argv) {
    struct query_list list = {0};
    struct settings settings = read_arguments(argc, argv, &list);
    struct client *clients = allocate((size_t)settings.sockets, sizeof *clients);
    for (int index = 0; index < settings.sockets; index++) clients[index] = open_client(&settings, index);
    struct cpu_time before = cpu_time_of(settings.process);
    double seconds = run(&settings, &list, clients);
    print_totals(&settings, seconds, before, cpu_time_of(settings.process));
    for (int index = 0; index < settings.sockets; index++) {
        close(clients[index].socket);
        free(clients[index].sent_at);
    }
    free(clients);
    free(list.items);
    return totals.answered > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
