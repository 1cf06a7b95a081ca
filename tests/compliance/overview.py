"""Writes a dashboard's page as a live host shows it: ``python -m tests.compliance.overview FILE [UID] [now-6h]``.

A browser makes the picture in docs of it: ``chromium --headless --window-size=1600,2000 --screenshot=OUT FILE``.
"""

import sys
from pathlib import Path

from garrison.catalog.loader import load_catalog
from tests.compliance.live import ROOT, live_hosts
from tests.compliance.test_dashboards import as_admin


def main(file: str, uid: str = "garrison-overview", since: str = "now-6h") -> None:
    """Write the page. Ends with a sentence where there is no host, or no page."""
    hosts = live_hosts()
    if not hosts:
        sys.exit("This checkout has no lab host; `make up` makes one.")
    viewer = load_catalog([ROOT / "services"]).viewer
    if viewer is None:
        sys.exit("No service shows dashboards.")
    port = next(iter(viewer.publish.values()))
    status, text = as_admin(hosts[0], f"http://127.0.0.1:{port}/d/{uid}?from={since}")
    if status != 200:
        sys.exit(f"{uid}: status {status}.")
    Path(file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
