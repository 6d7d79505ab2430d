#ifndef CSOCKDIAG_H
#define CSOCKDIAG_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

/// What sock_diag(7) is asked for a list of sockets whose local port lies in a range.
struct csockdiag_list {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
    struct nlattr attribute;
    /// Two comparisons, each followed by the port that it compares with.
    struct inet_diag_bc_op filter[4];
};

/// What sock_diag(7) is asked to close one socket.
struct csockdiag_close {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
};

/// A request for the TCP sockets of a family in the states of a mask, with a local port from `first` to `last`.
struct csockdiag_list csockdiag_list(unsigned char family, unsigned int states, unsigned short first,
                                     unsigned short last, unsigned int sequence);

/// A request to close the TCP socket of a family that has an identity.
struct csockdiag_close csockdiag_close(unsigned char family, struct inet_diag_sockid socket, unsigned int sequence);

#endif
