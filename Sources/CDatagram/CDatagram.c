#define _GNU_SOURCE
#include "CDatagram.h"

#include <stddef.h>

_Static_assert(sizeof(struct cdatagram_message) == sizeof(struct mmsghdr), "layout of mmsghdr");
_Static_assert(offsetof(struct cdatagram_message, length) == offsetof(struct mmsghdr, msg_len), "layout of mmsghdr");

int cdatagram_receive(int socket, struct cdatagram_message *messages, unsigned int count) {
    return recvmmsg(socket, (struct mmsghdr *)messages, count, MSG_WAITFORONE, NULL);
}

int cdatagram_receive_queued(int socket, struct cdatagram_message *messages, unsigned int count) {
    return recvmmsg(socket, (struct mmsghdr *)messages, count, MSG_DONTWAIT, NULL);
}

int cdatagram_send(int socket, struct cdatagram_message *messages, unsigned int count) {
    return sendmmsg(socket, (struct mmsghdr *)messages, count, 0);
}
