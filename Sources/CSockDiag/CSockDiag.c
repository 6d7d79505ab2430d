#include "CSockDiag.h"

#include <netinet/in.h>

// The kernel reads these as they lie in memory: nothing may stand between their parts.
_Static_assert(sizeof(struct csockdiag_list) == 16 + 56 + 4 + 4 * 4, "layout of a request for a list");
_Static_assert(sizeof(struct csockdiag_close) == 16 + 56, "layout of a request to close");

struct csockdiag_list csockdiag_list(unsigned char family, unsigned int states, unsigned short first,
                                     unsigned short last, unsigned int sequence) {
    enum { size = sizeof(struct inet_diag_bc_op) };
    struct csockdiag_list list = {
        .header = {.nlmsg_len = sizeof list,
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                   .nlmsg_seq = sequence},
        .request = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .idiag_states = states},
        .attribute = {.nla_len = sizeof list.attribute + sizeof list.filter, .nla_type = INET_DIAG_REQ_BYTECODE},
        // A jump one operation past the end refuses the socket, one to the end takes it.
        .filter = {{.code = INET_DIAG_BC_S_GE, .yes = 2 * size, .no = 5 * size},
                   {.no = first},
                   {.code = INET_DIAG_BC_S_LE, .yes = 2 * size, .no = 3 * size},
                   {.no = last}},
    };
    return list;
}

struct csockdiag_close csockdiag_close(unsigned char family, struct inet_diag_sockid socket, unsigned int sequence) {
    struct csockdiag_close close = {
        .header = {.nlmsg_len = sizeof close,
                   .nlmsg_type = SOCK_DESTROY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
                   .nlmsg_seq = sequence},
        .request = {.sdiag_family = family, .sdiag_protocol = IPPROTO_TCP, .id = socket},
    };
    return close;
}
