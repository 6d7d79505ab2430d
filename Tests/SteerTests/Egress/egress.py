"""The two ends of the egress path that no tool of Debian gives: an origin for many clients, and many clients at once.

    egress.py origin CERTIFICATE KEY ADDRESS [PORT]   TLS on the address, which answers with the name that was asked for
    egress.py echo ADDRESS [PORT]                     sends back what comes
    egress.py load PROXY TUNNELS TARGET PROBED        see `Load`

PROXY, TARGET and PROBED are HOST:PORT. Each says `ready` when it is, and goes on until SIGTERM.
"""

import asyncio
import collections
import json
import signal
import ssl
import sys


def say(*words):
    print(*words, flush=True)


def until_told():
    """What is set when the program is told to end."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    return end


async def serve(handle, address, port, context=None):
    async def closing(reader, writer):
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    end = until_told()
    server = await asyncio.start_server(closing, address, port, ssl=context, backlog=1024)
    say("ready")
    await end.wait()
    server.close()


async def answer(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    host = next((l[5:].strip() for l in head.split(b"\r\n") if l.lower().startswith(b"host:")), b"?")
    body = b"this is " + host + b"\n"
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()


async def echo(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


class Load:
    """Tunnels that stay open with bytes in both directions, and beside them one new CONNECT after the other.

    At its end it tells as JSON: `opened` and `alive`, the tunnels at the start and those that still echo; `echoes`, how
    often one did; `probes`, by status and Steer's reason how many new CONNECTs, where what ended without one counts by its
    error. A tunnel that ends before is told at once: `closed N`, the number of those that ended so far.
    """

    def __init__(self, proxy, target, probed):
        self.proxy, self.target, self.probed = proxy, target, probed
        self.end = until_told()
        self.opened = self.alive = self.echoes = self.closed = 0
        self.probes = collections.Counter()

    async def connect(self, target):
        """A connection through the proxy, and its status, with Steer's reason if it was not opened."""
        host, port = self.proxy.rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 90)
            reason = next((l[15:] for l in head.split(b"\r\n") if l.lower().startswith(b"x-steer-reason:")), b"")
            return reader, writer, (head.split()[1] + reason).decode()
        except BaseException:
            writer.close()
            raise

    async def tunnel(self, opened):
        try:
            reader, writer, status = await self.connect(self.target)
        finally:
            opened.release()
        if status != "200":
            writer.close()
            raise SystemExit(f"a tunnel was refused: {status}")
        self.opened += 1
        number = 0
        try:
            while True:
                is_last = self.end.is_set()
                number += 1
                word = number.to_bytes(8, "big")
                writer.write(word)
                if await asyncio.wait_for(reader.readexactly(8), 30) != word:
                    raise SystemExit("a tunnel gave back what was not sent")
                self.echoes += 1
                if is_last:
                    self.alive += 1
                    return
                try:
                    await asyncio.wait_for(self.end.wait(), 0.2)
                except asyncio.TimeoutError:
                    pass
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):
            self.closed += 1
            say("closed", self.closed)
        finally:
            writer.close()

    async def probe(self):
        while not self.end.is_set():
            try:
                _, writer, status = await self.connect(self.probed)
                writer.close()
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                status = type(error).__name__
            self.probes[status] += 1
            try:
                await asyncio.wait_for(self.end.wait(), 0.02)
            except asyncio.TimeoutError:
                pass

    async def run(self, tunnels):
        opened = asyncio.Semaphore(0)
        tasks = []
        for _ in range(tunnels):
            tasks.append(asyncio.create_task(self.tunnel(opened)))
            await opened.acquire()
        say("ready")
        await asyncio.gather(self.probe(), *tasks)
        say(json.dumps({k: getattr(self, k) for k in ("opened", "alive", "echoes", "probes")}))


async def main(role, *words):
    if role == "origin":
        certificate, key, address, *port = words
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        await serve(answer, address, int(*port or [443]), context)
    elif role == "echo":
        address, *port = words
        await serve(echo, address, int(*port or [443]))
    elif role == "load":
        proxy, tunnels, target, probed = words
        await Load(proxy, target, probed).run(int(tunnels))
    else:
        raise SystemExit(__doc__)


if len(sys.argv) < 3:
    raise SystemExit(__doc__)
asyncio.run(main(*sys.argv[1:]))
