#ifndef CDATAGRAM_H
#define CDATAGRAM_H

#include <sys/socket.h>

/// One datagram of a batch; the layout is `struct mmsghdr` of recvmmsg(2), which Glibc's module hides.
struct cdatagram_message {
    struct msghdr header;
    /// Bytes received, or sent, by the last call.
    unsigned int length;
};

/// recvmmsg(2) with MSG_WAITFORONE: blocks for the first datagram only. Returns how many arrived, or -1 with errno.
int cdatagram_receive(int socket, struct cdatagram_message *messages, unsigned int count);

/// recvmmsg(2) with MSG_DONTWAIT: takes what is queued, for draining.
int cdatagram_receive_queued(int socket, struct cdatagram_message *messages, unsigned int count);

/// sendmmsg(2). Returns how many were sent before the first error, or -1 with errno if none was.
int cdatagram_send(int socket, struct cdatagram_message *messages, unsigned int count);

#endif
