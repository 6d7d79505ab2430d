"""Runs the chart's pod as a kubelet would, in a root that is the image, and asks it.

The arguments are the root and a file of what 'helm template' printed. It runs in mount, network and process namespaces of its own
(test-image.sh), as root; the pod itself has the user, the capabilities and the volumes that its manifest says.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import dns.message
import dns.query
import yaml

results = []


def expect(holds, what):
    results.append(bool(holds))
    print(f"{'ok  ' if holds else 'FAIL'} {what}")


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


class Pod:
    def __init__(self, root, manifests):
        items = [item for item in yaml.safe_load_all(pathlib.Path(manifests).read_text()) if item]
        self.maps = {item["metadata"]["name"]: item["data"] for item in items if item["kind"] == "ConfigMap"}
        [deployment] = [item for item in items if item["kind"] == "Deployment"]
        self.spec = deployment["spec"]["template"]["spec"]
        [self.container] = self.spec["containers"]
        self.capabilities = self.container["securityContext"]["capabilities"].get("add", [])
        self.root, self.volumes = pathlib.Path(root), pathlib.Path("/mnt")
        mount("-t", "tmpfs", "tmpfs", self.volumes)
        self.prepare()
        # Last, when the mount points of the root are there: from now on it cannot be written to.
        mount("-o", "remount,bind,ro", self.root)
        self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        self.lines.extend(self.process.stdout)

    def prepare(self):
        mount("--bind", self.root, self.root)
        # The devices that a container has.
        mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", self.root / "dev")
        for device in ["null", "zero", "full", "random", "urandom", "tty"]:
            (self.root / "dev" / device).touch()
            mount("--bind", f"/dev/{device}", self.root / "dev" / device)
        (self.root / "dev/shm").mkdir()
        mount("-t", "tmpfs", "-o", "mode=1777,size=64m", "tmpfs", self.root / "dev/shm")
        for volume in self.spec["volumes"]:
            path = self.volumes / volume["name"]
            path.mkdir(parents=True)
            if "emptyDir" in volume:
                mount("-t", "tmpfs", "-o", "mode=0777", "tmpfs", path)  # as open as a kubelet makes it
                continue
            # Files are links to links, so that all of them change at once.
            (path / "..v1").mkdir()
            (path / "..data").symlink_to("..v1")
            for name, text in self.maps[volume["configMap"]["name"]].items():
                (path / "..v1" / name).write_text(text)
                (path / name).symlink_to(f"..data/{name}")
        for wanted in self.container["volumeMounts"]:
            source = self.volumes / wanted["name"] / wanted.get("subPath", "")
            target = self.root / wanted["mountPath"].lstrip("/")
            if source.is_file():
                target.touch()
                source = source.resolve()
            else:
                target.mkdir(exist_ok=True)
            mount("--bind", source, target)

    def command(self):
        security, own = self.spec["securityContext"], self.container["securityContext"]
        assert own["capabilities"]["drop"] == ["ALL"] and not own["allowPrivilegeEscalation"]
        user = [f"--reuid={security['runAsUser']}", f"--regid={security['runAsGroup']}", f"--groups={security['fsGroup']}"]
        added = "".join(f",+{name.lower()}" for name in self.capabilities)
        rights = ["--no-new-privs", f"--bounding-set=-all{added}", "--inh-caps=-all"]
        environment = [f"{item['name']}=steer-0" for item in self.container["env"]]
        run = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *environment, "/usr/bin/tini", "--", "/usr/bin/steer"]
        # Processes of its own, of which tini is the first.
        first = ["unshare", "--pid", "--fork", "--kill-child", f"--mount-proc={self.root / 'proc'}", "chroot", self.root]
        return [*first, "setpriv", *user, *rights, *run, *self.container["args"]]

    def wait_until_ready(self):
        """Probes as the manifest says; false if the pod ended, or was not ready in a minute."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.probe("readiness") == 200:
                return True
            time.sleep(0.1)
        return False

    def probe(self, kind):
        wanted = self.container[f"{kind}Probe"]["httpGet"]
        [port] = [port["containerPort"] for port in self.container["ports"] if port["name"] == wanted["port"]]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{wanted['path']}", timeout=2) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return None

    def end(self):
        """Ends it as a kubelet does; the exit code."""
        if self.process.poll() is None:
            pid = self.process.pid
            [first] = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            os.kill(int(first), signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.reader.join()
        return code


def parent():
    """A parent that opens every tunnel, and says so in it."""
    listener = socket.create_server(("127.0.0.21", 3128))

    def serve():
        while True:
            connection, _ = listener.accept()
            if connection.recv(4096).startswith(b"CONNECT "):
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\nhello")
            connection.close()

    threading.Thread(target=serve, daemon=True).start()


def resolve(client):
    query = dns.message.make_query("microsoft.intra.aibang.local.", "A")
    answer = dns.query.udp(query, "127.0.0.1", port=5353, source=client, timeout=5)
    return [str(record) for rrset in answer.answer for record in rrset]


def connect(client, destination):
    """What the proxy says to a CONNECT, until it closes the connection."""
    with socket.create_connection(("127.96.7.10", 13128), timeout=20, source_address=(client, 0)) as connection:
        connection.sendall(f"CONNECT {destination} HTTP/1.1\r\nHost: {destination}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(4096), b""))


def main(root, manifests):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    parent()
    pod = Pod(root, manifests)
    ready = pod.wait_until_ready()
    expect(ready, "the pod is ready")
    if ready:
        expect(pod.probe("liveness") == 200, "the pod is alive")
        expect(resolve("127.0.0.11") == ["127.96.7.10"], "team-a is answered with the proxy's address")
        expect(resolve("127.0.0.13") == [], "team-c is not")
        answer = connect("127.0.0.11", "login.microsoft.com:443")
        expect(answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"hello"), "team-a gets through the proxy")
        answer = connect("127.0.0.11", "www.example.com:443")
        expect(answer.startswith(b"HTTP/1.1 403") and b"X-Steer-Reason: destination" in answer, "but not to another host")
        answer = connect("127.0.0.13", "login.microsoft.com:443")
        expect(answer.startswith(b"HTTP/1.1 403") and b"X-Steer-Reason: noRule" in answer, "team-c does not")
    expect(pod.end() == 0, "it ends when it is told to")
    complains = any("CAP_NET_ADMIN" in line for line in pod.lines)
    expect(complains != ("NET_ADMIN" in pod.capabilities), "it closes revoked connections if it may, else it says so")
    left = subprocess.run(["pgrep", "-x", "squid|steer"], capture_output=True, text=True).stdout.split()
    expect(not left, "and leaves no process")
    if not all(results):
        print("".join(pod.lines))
        for log in pod.volumes.glob("run/proxy/log/*.log"):
            print(f"{log.name}:\n{log.read_text()}")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
