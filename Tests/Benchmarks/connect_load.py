"""Asks a proxy for CONNECTs that it does not open, each on a connection of its own, and times them.

    connect_load.py SOURCE PROXY CLIENTS SECONDS TARGET...

SOURCE is the address that the clients have; PROXY and TARGET are HOST:PORT. With one client each CONNECT waits for the
one before, so that its time is the latency; with more, as many are under way. Prints one line of what came of it.
"""

import collections
import itertools
import selectors
import socket
import sys
import time


class Client:
    """One client: a CONNECT, its answer to the end, and again."""

    def __init__(self, source, proxy):
        self.source, self.proxy = source, proxy
        self.socket = None

    def ask(self, target, selector):
        self.start = time.perf_counter_ns()
        self.socket = socket.socket()
        # IP_BIND_ADDRESS_NO_PORT: the port is found when the destination is known, for there are not enough to hold one each.
        self.socket.setsockopt(socket.IPPROTO_IP, 24, 1)
        self.socket.bind((self.source, 0))
        self.socket.connect(self.proxy)
        self.socket.sendall(b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n\r\n" % (target, target))
        self.head = b""
        selector.register(self.socket, selectors.EVENT_READ, self)

    def read(self, selector):
        """The status once its line is there; the rest of the answer is not waited for."""
        data = self.socket.recv(65536)
        self.head += data
        if data and b"\r\n" not in self.head:
            return None
        selector.unregister(self.socket)
        self.socket.close()
        return self.head.split()[1].decode() if self.head else "closed"


def main(source, proxy, clients, seconds, *targets):
    host, port = proxy.rsplit(":", 1)
    targets = itertools.cycle([t.encode() for t in targets])
    selector = selectors.DefaultSelector()
    times, statuses = [], collections.Counter()
    begin = time.perf_counter()
    for _ in range(int(clients)):
        Client(source, (host, int(port))).ask(next(targets), selector)
    while selector.get_map():
        events = selector.select(10)
        if not events:
            raise SystemExit("the proxy does not answer")
        for key, _ in events:
            client = key.data
            status = client.read(selector)
            if status is None:
                continue
            times.append(time.perf_counter_ns() - client.start)
            statuses[status] += 1
            if time.perf_counter() - begin < float(seconds):
                client.ask(next(targets), selector)
    length = time.perf_counter() - begin
    times.sort()
    print(
        f" connects={len(times)} per_second={len(times) / length:.0f} median_us={times[len(times) // 2] / 1e3:.0f}"
        f" p99_us={times[len(times) * 99 // 100] / 1e3:.0f} "
        + " ".join(f"status{k}={v}" for k, v in sorted(statuses.items())))


if len(sys.argv) < 6:
    raise SystemExit(__doc__)
main(*sys.argv[1:])
