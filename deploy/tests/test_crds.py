"""Whether the CRDs and 'steer check' accept the same documents; the argument is the steer program.

Every document of the tests and of the example is asked of both, and every field of fields.yaml. Where they may differ, that is
written there.
"""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import kubernetes_validate
import yaml

from crdschema import CRD

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
KUBERNETES = ["1.36", "1.37"]
# What is wrong with a document by itself; other faults are those of a policy as a whole, which no schema knows.
SHAPE = {
    "unknown-field", "missing-field", "wrong-type", "invalid-value", "too-many", "invalid-name", "invalid-dns-name",
    "invalid-address", "invalid-cidr", "invalid-port", "invalid-duration", "invalid-selector", "ambiguous-subject",
    "duplicate-name", "duplicate-transfer-key", "duplicate-hostname", "unusable-weights", "health-check-target",
    "unsupported-version", "unknown-kind",
}  # fmt: skip
# Files whose fault no schema can say: two keys that differ in letter case only.
LATE_FILES = {"duplicate-transfer-key.yaml"}


class Comparison:
    def __init__(self, steer, crds):
        self.steer, self.crds = steer, crds
        self.compared, self.faults = 0, []

    def checked(self, document):
        """The codes of the errors that 'steer check' finds in a document by itself."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(document, file)
            file.flush()
            run = subprocess.run([self.steer, "check", "-o", "json", file.name], capture_output=True, text=True)
        found = json.loads(run.stdout)["diagnostics"]
        return {item["code"] for item in found if item["severity"] == "error"} & SHAPE

    def compare(self, place, document, expected=None):
        """Notes a fault if the two do not agree, or not as expected."""
        codes, errors = self.checked(document), self.crds[document["kind"]].errors(document)
        steer, schema = not codes, not errors
        agreed = {"accepted": (True, True), "refused": (False, False), "late": (False, True), "early": (True, False)}
        if (steer, schema) != agreed[expected] if expected else steer != schema:
            wanted = f"expected {expected}" if expected else "expected to agree"
            self.faults.append(f"{place}: {wanted}; steer check: {sorted(codes) or 'ok'}; CRD: {errors or 'ok'}")
        self.compared += 1


def documents(root):
    """The objects of our kinds in a YAML or JSON file or folder, with their file."""
    for path in sorted(path for path in root.rglob("*") if path.suffix in (".yaml", ".json") and path.is_file()):
        # Each document by itself: one that cannot be parsed does not hide the others.
        for text in re.split(r"(?m)^---\s*$", path.read_text()):
            try:
                document = yaml.safe_load(text)
            except yaml.YAMLError:
                continue
            items = document.get("items", [document]) if isinstance(document, dict) else []
            yield from ((path, item) for item in items or [] if isinstance(item, dict))


def changed(document, path, value):
    """A copy of a document in which the field of a path has another value, or is absent."""
    document = copy.deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target = document
    for part in parents:
        target = target[part]
    if value == "ABSENT":
        target.pop(last, None)
    else:
        target[last] = value
    return document


def main(steer):
    manifests = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "deploy/crds").glob("*.yaml"))]
    for manifest in manifests:
        for version in KUBERNETES:
            kubernetes_validate.validate(manifest, version, strict=True)
    crds = {crd.kind: crd for crd in map(CRD, manifests)}
    comparison = Comparison(steer, crds)
    comparison.faults += [f"{crd.kind}: {fault}" for crd in crds.values() for fault in crd.faults()]
    tasks = []
    for root in ["zones", "Tests/SteeringPolicyTests/Fixtures", "Tests/SteeringTests", "Tests/SteerTests/Fixtures"]:
        for path, document in documents(ROOT / root):
            document.pop("status", None)  # what a file says of it means nothing
            if document.get("kind") in crds and document.get("apiVersion") == crds[document["kind"]].api_version:
                tasks.append((str(path.relative_to(ROOT)), document, "late" if path.name in LATE_FILES else None))
    for kind, table in yaml.safe_load((HERE / "fields.yaml").read_text()).items():
        crd = crds[kind]
        valid = {"apiVersion": crd.api_version, "kind": kind, "metadata": {"name": "example"}, "spec": table["object"]}
        tasks.append((kind, valid, "accepted"))
        for path, expectations in table["fields"].items():
            for expected, values in expectations.items():
                tasks += [(f"{kind} {path}: {value!r}", changed(valid, path, value), expected) for value in values]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda task: comparison.compare(*task), tasks))
    print("\n".join(comparison.faults))
    print(f"{comparison.compared - len(comparison.faults)} passed, {len(comparison.faults)} failed")
    return bool(comparison.faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
