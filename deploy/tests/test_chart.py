"""Whether the chart and the plain manifests are what Kubernetes takes, say the same, and ask for no right too many.

The argument is the steer program, which must take the settings and the Corefile that the chart prints.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).parent.parent.parent
CHART = ROOT / "deploy/helm/steer"
PLAIN = ROOT / "deploy/kubernetes/10-steer.yaml"
HELM = pathlib.Path(sys.executable).parent / "helm"
KUBERNETES = ["1.36", "1.37"]
NAMESPACE = "intra-proxy"

# Values that a cluster may need, each beside the defaults.
VARIANTS = [
    [],
    ["--set", "listen={0.0.0.0,::}", "--set", "dns.clusterIP="],
    ["--set", "proxy.enabled=false", "--set", "networkPolicy.enabled=false", "--set", "podDisruptionBudget.enabled=false"],
    ["--set", "kubernetes.policy=false", "--set-file", f"files.policies\\.yaml={ROOT / 'zones/policies.yaml'}"],
    ["--set", "kubernetes.policy=false", "--set", "kubernetes.inventory=false", "--set", "files.policies\\.json=[]"],
    ["--set", "antiAffinity=required", "--set", "replicas=5", "--set", "image.tag=sha256:" + "0" * 64],
    ["--set", "log.queries=true", "--set", "log.connects=false", "--set", "listen={10.0.0.1}", "--set", "priorityClassName=high"],
    ["--set", "nodeSelector.pool=egress", "--set", "tolerations[0].key=egress", "--set", "podAnnotations.a=b"],
    ["--set", "imagePullSecrets[0].name=registry", "--set", "serviceAccount.annotations.a=b"],
    ["--set-json", 'networkPolicy.adminClients=[{"namespaceSelector":{}}]', "--set-json", "networkPolicy.parents.cidrs=[]"],
    ["--set-json", "networkPolicy.dnsClients=[]", "--set-json", "networkPolicy.proxyClients=[]"],
    ["--set", "networkPolicy.secondaries={::1/128,10.0.0.1/32}", "--set", "priorityClassName=1e3"],
    ["--set", "proxy.enabled=false", "--set", "dns.port=13200"],
]
# Values that are mistakes.
REFUSED = [
    "replica=2", "replicas=0", "replicas=two", "image.repository=", "dns.clusterIP=dns.example.com", "dns.port=53",
    "proxy.instances=17", "log.level=verbose", "listen={}", "listen={localhost}", "antiAffinity=none", "proxy.drain=3",
    "networkPolicy.parents.cidrs={int-proxy.example.com}", "files.a/b=text", "kubernetes.policy=yes please",
    "listen={0.0.0.0,0.0.0.0}",
]  # fmt: skip
# Values that are right one by one and cannot be together, each with what is said about them.
CLASHES = {
    "kubernetes.policy=false": "there is no policy",
    "kubernetes.policy=false,files.intra\\.zone=text": "there is no policy",
    "admin.port=5353": "dns.port and admin.port are both 5353",
    "dns.port=13128": "dns.port 13128 is one of networkPolicy.listeners",
    "admin.port=14127": "admin.port 14127 is one of networkPolicy.listeners",
    "networkPolicy.listeners.first=20000": "first is above last",
    "listen={127.0.0.1}": "listen has 127.0.0.1",
    "listen={0.0.0.0,0:0::1}": "listen has 0:0::1",
}
# What Steer's client, and the writer of the status, ask of the API server: no more is granted, and no less.
READ, OWN = ["list", "watch"], ["steeringzones", "egressroutes", "egresspolicies", "egresstests"]
RIGHTS = {
    (None, "", resource, verb) for resource in ["namespaces", "pods", "services"] for verb in READ
} | {
    (None, "discovery.k8s.io", "endpointslices", verb) for verb in READ
} | {
    (None, "egress.aibang.com", resource, verb) for resource in OWN for verb in ["get", *READ]
} | {
    (None, "egress.aibang.com", f"{resource}/status", "patch") for resource in OWN
} | {
    (NAMESPACE, "coordination.k8s.io", "leases", "create"),
    (NAMESPACE, "coordination.k8s.io", "leases/steer", "get"),
    (NAMESPACE, "coordination.k8s.io", "leases/steer", "update"),
    ("default", "events.k8s.io", "events", "create"),
    ("default", "events.k8s.io", "events", "patch"),
}  # fmt: skip

results = []


def expect(holds, what):
    results.append(bool(holds))
    if not holds:
        print(f"FAIL {what}")


def helm(*arguments):
    """Runs Helm without a cluster; returns what became of it."""
    environment = {**os.environ, "KUBECONFIG": "/nonexistent"}
    return subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, env=environment)


def rendered(values, release="steer", namespace=NAMESPACE):
    run = helm("template", release, CHART, "--namespace", namespace, "--kube-version", "1.36.0", *values)
    expect(run.returncode == 0, f"helm template {values}: {run.stderr}")
    return run.stdout


def objects(text):
    return [item for item in yaml.safe_load_all(text) if item]


def only(kind, items):
    [item] = [item for item in items if item["kind"] == kind]
    return item


def is_valid(items, what):
    for item in items:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(item, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                expect(False, f"{what}: {item['kind']} for {version}: {error}")
    expect(True, what)


def is_restricted(pod, what):
    """The rules of Kubernetes' Pod Security Standard 'restricted', and a root that is read-only."""
    security = pod["securityContext"]
    expect(security["runAsNonRoot"] and security["runAsUser"] > 0, f"{what}: not root")
    expect(security["seccompProfile"]["type"] == "RuntimeDefault", f"{what}: seccomp")
    expect(not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & pod.keys(), f"{what}: nothing of the host")
    for container in pod["containers"]:
        own = container["securityContext"]
        expect(own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True, f"{what}: read-only")
        expect(own["capabilities"] == {"drop": ["ALL"]}, f"{what}: no capability")
        expect(all(port["containerPort"] > 1023 for port in container["ports"]), f"{what}: no port of root")
        expect("memory" in container["resources"]["limits"], f"{what}: a limit of memory")
    kinds = {kind for volume in pod["volumes"] for kind in volume.keys() - {"name"}}
    expect(kinds <= {"configMap", "emptyDir"}, f"{what}: volumes")
    expect(all("sizeLimit" in volume.get("emptyDir", {"sizeLimit": 0}) for volume in pod["volumes"]), f"{what}: sizes")


def rights(items):
    """Every right that a manifest gives, by namespace (None is the whole cluster), group, resource and verb."""
    found = set()
    for role in items:
        if role["kind"] in ("Role", "ClusterRole"):
            for rule in role["rules"]:
                expect("*" not in rule["verbs"] + rule["resources"] + rule["apiGroups"], "no right is a wildcard")
                for group in rule["apiGroups"]:
                    for resource in rule["resources"]:
                        names = [f"{resource}/{name}" for name in rule.get("resourceNames", [])] or [resource]
                        found |= {(role["metadata"].get("namespace"), group, name, verb) for name in names for verb in rule["verbs"]}
    return found


def are_joined(items):
    """What names something else in the manifests names what is there."""
    deployment, service = only("Deployment", items), only("Service", items)
    pod = deployment["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    budget, network = only("PodDisruptionBudget", items), only("NetworkPolicy", items)
    for what, selector in [
        ("Deployment", deployment["spec"]["selector"]["matchLabels"]),
        ("Service", service["spec"]["selector"]),
        ("PodDisruptionBudget", budget["spec"]["selector"]["matchLabels"]),
        ("NetworkPolicy", network["spec"]["podSelector"]["matchLabels"]),
        ("steer render services", {"app.kubernetes.io/name": "steer-proxy"}),
    ]:
        expect(selector.items() <= labels, f"{what} selects the pods")
    names = {port["name"] for port in pod["spec"]["containers"][0]["ports"]}
    expect({port["targetPort"] for port in service["spec"]["ports"]} <= names, "the Service leads to ports that are there")
    probed = {pod["spec"]["containers"][0][f"{probe}Probe"]["httpGet"]["path"] for probe in ("liveness", "readiness")}
    expect(probed == {"/livez", "/readyz"}, "the probes ask the admin server")
    account = only("ServiceAccount", items)["metadata"]["name"]
    expect(pod["spec"]["serviceAccountName"] == account, "the pods run as the account")
    roles = {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in items}
    for binding in items:
        if binding["kind"].endswith("Binding"):
            reference = binding["roleRef"]
            expect((reference["kind"], binding["metadata"].get("namespace"), reference["name"]) in roles, "bindings bind")
            expect([subject["name"] for subject in binding["subjects"]] == [account], "the rights are the account's")


def settings_are_taken(steer, items, what):
    """Whether steer starts with the chart's settings; what is no matter of theirs is set for this machine."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "steer.yaml"
        file.write_text([item for item in items if item["kind"] == "ConfigMap"][0]["data"]["steer.yaml"])
        here = {
            "STEER_POLICY": str(ROOT / "zones"), "STEER_LISTEN": "127.0.0.1:0", "STEER_ADMIN_LISTEN": "127.0.0.1:0",
            "STEER_STATE_FOLDER": folder, "STEER_PROXY_ENGINE": "none", "STEER_KUBERNETES_POLICY": "false",
            "STEER_KUBERNETES_INVENTORY": "false",
        }  # fmt: skip
        command = [steer, "serve", "--config", file]
        server = subprocess.Popen(command, env={**os.environ, **here}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        for line in server.stdout:
            lines.append(line)
            if line.startswith("listening"):
                break
        expect(lines and lines[-1].startswith("listening"), f"{what}: settings are taken: {''.join(lines)}")
        server.terminate()
        server.communicate(timeout=60)


def corefile_is_good(steer, notes):
    block = re.search(r"(?ms)^ +intra\.aibang\.local:53 \{.*?^     \}", notes)
    expect(block, "the notes have a block for the Corefile")
    with tempfile.NamedTemporaryFile("w", suffix=".corefile") as file:
        file.write(block.group())
        file.flush()
        command = [steer, "check", "--corefile", file.name, "--zone", "intra.aibang.local", "--server", "10.96.77.10"]
        run = subprocess.run(command, capture_output=True, text=True)
        expect(run.returncode == 0, f"steer check takes the notes' Corefile: {run.stdout}{run.stderr}")


def readme_holds(steer):
    """Whether the policy of deploy/README.md is one without a warning, and does what its test says."""
    text = (ROOT / "deploy/README.md").read_text()
    blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```", text)
    # The namespaces that are there when the status is looked at.
    before = text[: text.index("kubectl get steer ")]
    made = re.findall(r"(?m)^kubectl create namespace (\S+)", before)
    namespaces = [f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n" for name in made]
    with tempfile.TemporaryDirectory() as folder:
        policy = pathlib.Path(folder) / "policy.yaml"
        # As the API server would have it: the address is among clusterIPs too.
        policy.write_text(re.sub(r"clusterIP: (\S+)", r"clusterIPs: [\1]", "---\n".join([*blocks, *namespaces])))
        run = subprocess.run([steer, "check", folder], capture_output=True, text=True)
        expect("0 errors, 0 warnings" in run.stdout, f"the policy of deploy/README.md is clean: {run.stdout}{run.stderr}")
        run = subprocess.run([steer, "test", folder], capture_output=True, text=True)
        expect(run.returncode == 0, f"the policy of deploy/README.md: {run.stdout}{run.stderr}")
        corefile = pathlib.Path(folder) / "Corefile"
        corefile.write_text(re.search(r"(?ms)^```\n(intra.aibang.local:53 .*?)^```", text).group(1))
        run = subprocess.run([steer, "check", "--corefile", corefile, policy], capture_output=True, text=True)
        expect(run.returncode == 0, f"the Corefile of deploy/README.md: {run.stdout}{run.stderr}")


def main(steer):
    expect(helm("lint", "--strict", CHART).returncode == 0, "helm lint --strict")
    for values in VARIANTS:
        items = objects(rendered(values))
        is_valid(items, f"variant {values}")
        is_restricted(only("Deployment", items)["spec"]["template"]["spec"], f"variant {values}")
        settings_are_taken(steer, items, f"variant {values}")
    root = objects(rendered(["--set", "proxy.closeRevoked=true"]))
    is_valid(root, "proxy.closeRevoked")
    own = only("Deployment", root)["spec"]["template"]["spec"]["containers"][0]["securityContext"]
    expect(own["capabilities"]["drop"] == ["ALL"] and "NET_ADMIN" in own["capabilities"]["add"], "closeRevoked: NET_ADMIN")
    expect(own["readOnlyRootFilesystem"] and not own["allowPrivilegeEscalation"], "closeRevoked: no more than that")
    for value in REFUSED:
        run = helm("template", "steer", CHART, "--set", value)
        expect(run.returncode != 0, f"--set '{value}' is refused")
    for value, words in CLASHES.items():
        run = helm("template", "steer", CHART, "--set", value)
        expect(run.returncode != 0 and words in run.stderr, f"--set '{value}' is refused with '{words}': {run.stderr}")
    is_valid(objects(rendered([], "true", "123")), "names that YAML would take for something else")
    for name in ["123", "a.b"]:
        run = helm("template", name, CHART)
        expect(run.returncode != 0 and "the release's name" in run.stderr, f"the release '{name}' is refused: {run.stderr}")
    default = objects(rendered([]))
    are_joined(default)
    expect(rights(default) == RIGHTS, f"rights: {rights(default) ^ RIGHTS}")
    none = objects(rendered(VARIANTS[4]))
    expect(rights(none) == set(), "without the API no right is needed")
    crds = objects(helm("show", "crds", CHART).stdout)
    expect(crds == [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "deploy/crds").glob("*.yaml"))], "CRDs of the chart")

    command = f"helm template steer deploy/helm/steer --namespace {NAMESPACE} --kube-version 1.36.0"
    expect(objects(PLAIN.read_text()) == default, f"{PLAIN} is not what '{command}' prints; write it anew")
    files = sorted(PLAIN.parent.glob("*.yaml"))
    is_valid([item for file in files for item in objects(file.read_text())], "plain manifests")
    namespaces = set()
    for item in [item for file in files for item in objects(file.read_text())]:
        if item["kind"] == "Namespace":
            namespaces.add(item["metadata"]["name"])
        needed = item["metadata"].get("namespace", "default")
        expect(needed == "default" or needed in namespaces, f"{item['kind']} comes after its namespace")

    notes = helm("install", "steer", CHART, "--namespace", NAMESPACE, "--dry-run=client").stdout
    corefile_is_good(steer, notes)
    for setting in ["networkPolicy.parents.ports", "networkPolicy.apiServer.ports"]:
        expect(setting in notes, f"the notes name {setting}")
    readme_holds(steer)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
