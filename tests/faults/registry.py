"""A registry of the lab's own: Debian's docker-registry behind TLS, filled with what was built here."""

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from garrison.catalog.images import plan_images
from garrison.catalog.loader import load_catalog
from garrison.lab.places import IMAGES_IN_HOST
from garrison.settings import HostSettings
from tests.faults.certificates import TestAuthority
from tests.faults.machine import ROOT, STAND_INS, Machine

PORT = 5000
_CONFIG = {
    "version": "0.1",
    "storage": {"filesystem": {"rootdirectory": "/var/lib/docker-registry"}},
    "http": {
        "addr": f":{PORT}",
        "tls": {"certificate": "/etc/docker/registry/tls.crt", "key": "/etc/docker/registry/tls.key"},
    },
}
_INSTALL = (
    "DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends -y docker-registry skopeo"
)


@dataclass(frozen=True)
class Pushed:
    """An image in the registry."""

    ref: str
    digest: str

    @property
    def by_digest(self) -> str:
        return f"{self.ref.rpartition(':')[0]}@{self.digest}"


@dataclass(frozen=True)
class Registry:
    """The registry on its host."""

    machine: Machine
    authority: TestAuthority

    def install(self) -> None:
        """Debian's package, told to serve TLS and to ask nobody for a password."""
        chain, key = self.authority.issue(self.machine.full_name)
        self.machine.sh(f"which docker-registry skopeo || (apt-get -qq update && {_INSTALL})")
        self.machine.write("/etc/docker/registry/config.yml", yaml.safe_dump(_CONFIG))
        self.machine.write("/etc/docker/registry/tls.crt", chain)
        self.machine.write("/etc/docker/registry/tls.key", key, "0644")
        self.machine.write("/etc/docker/certs.d/lab/ca.crt", self.authority.pem)
        self.start()

    def start(self) -> None:
        """Serve, and return when it does."""
        self.machine.sh("systemctl restart docker-registry")
        end = time.monotonic() + 30
        while self.machine.sh(f"ss -Hltn sport = :{PORT}") == "":
            assert time.monotonic() < end, self.machine.sh("journalctl -u docker-registry -n 20")
            time.sleep(0.2)

    def stop(self) -> None:
        self.machine.sh("systemctl stop docker-registry")

    def push(self, service: str, built: str, *options: str) -> Pushed:
        """Put the image that was built as ``built`` there; the registry says the digest."""
        tag = built.rpartition(":")[2] + ("-other" if options else "")
        ref = f"{self.machine.full_name}:{PORT}/garrison/{service}:{tag}"
        file = f"{IMAGES_IN_HOST}/{hashlib.sha256(built.encode()).hexdigest()}.tar"
        assert self.machine.sh(f"ls {file} || true"), (
            f"{built} isn't in the lab's cache: deploy the lab host first"
        )
        words = f"skopeo copy -q --dest-cert-dir /etc/docker/certs.d/lab --digestfile /run/digest {' '.join(options)}"
        self.machine.sh(f"{words} oci-archive:{file} docker://{ref}")
        return Pushed(ref, self.machine.sh("cat /run/digest"))

    def spoil(self, image: Pushed) -> None:
        """Another manifest where the one of this digest was, as whoever owns a registry could do it."""
        digest = image.digest.removeprefix("sha256:")
        blob = f"/var/lib/docker-registry/docker/registry/v2/blobs/sha256/{digest[:2]}/{digest}/data"
        manifest = json.loads(self.machine.sh(f"cat {blob}"))
        manifest["layers"] = manifest["layers"][:1]
        self.machine.sh(f"cat > {blob}", stdin=json.dumps(manifest))


def built_images() -> dict[str, str]:
    """The reference of every image that the lab's hosts run, by service."""
    services = ROOT / "services"
    settings = HostSettings(server_names=("any.test",), stand_ins=STAND_INS)
    catalog = load_catalog([services]).select(settings.profiles)
    plans = plan_images(catalog, settings, services=services, lock={})
    return {name: plan.reference for name, plan in plans.items()}


def write_lock(path: Path, images: dict[str, Pushed]) -> str:
    """The lock file of ``image_source: registry``."""
    path.write_text(
        yaml.safe_dump({name: {"ref": one.ref, "digest": one.digest} for name, one in images.items()})
    )
    return str(path)
