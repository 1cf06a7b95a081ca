"""What the stand-in reads of Grafana's own configuration file and environment."""

import configparser
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_FILE = re.compile(r"\$__file\{([^}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings that the stand-in heeds, under Grafana's names and with its defaults."""

    http_addr: str
    http_port: int
    data: Path
    provisioning: Path
    admin_user: str
    admin_password: str = field(repr=False)
    home: Path | None


def read_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """Reads the file; ``GF_SECTION_KEY`` goes before it, as in Grafana. Keys without a use here are passed over.

    Raises ValueError for what is no such file and for a stand-in of a Grafana that lets everybody in, OSError when a
    file can't be read.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except configparser.Error as error:
        raise ValueError(f"{path}: {error}") from None

    def value(section: str, key: str, default: str) -> str:
        name = f"GF_{section}_{key}".upper().replace(".", "_")
        said = str(environment.get(name) or parser.get(section, key, fallback=default))
        return _FILE.sub(lambda found: Path(found[1]).read_text(encoding="utf-8").strip(), said)

    if value("auth.anonymous", "enabled", "false").lower() == "true":
        raise ValueError(f"{path}: auth.anonymous is enabled, so everybody could look")
    password = value("security", "admin_password", "admin")
    if not password or password == "admin":  # noqa: S105 - Grafana's own default, which is refused here
        raise ValueError(f"{path}: security.admin_password is not set; it would be 'admin'")
    home = value("dashboards", "default_home_dashboard_path", "")
    return Config(
        http_addr=value("server", "http_addr", ""),
        http_port=int(value("server", "http_port", "3000")),
        data=Path(value("paths", "data", "/var/lib/grafana")),
        provisioning=Path(value("paths", "provisioning", "/etc/grafana/provisioning")),
        admin_user=value("security", "admin_user", "admin"),
        admin_password=password,
        home=Path(home) if home else None,
    )
