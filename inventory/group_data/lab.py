"""What all lab hosts share; the file's name is the group that pyinfra gives every host of inventory/lab.py."""

from pathlib import Path

# The lab binds a folder of this machine there, so that built images outlive a lab host.
image_cache = "/var/cache/garrison/images"
# No registry is reached from the lab. `garrison deploy` and `garrison check` name what stands in.
stand_ins = Path(__file__).parents[2] / "garrison" / "lab" / "stand_ins"
# `garrison lab up` makes these packs, serves them to the lab, and writes the list.
documentation_packs = Path(__file__).parents[2] / ".garrison" / "lab" / "packs.yaml"
# The whole of what there is to test. ("core",) alone is lighter: no Prometheus.
profiles = ("core", "observability")
