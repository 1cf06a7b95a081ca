"""Every service runs an image of its own, and not what a lab puts in its place."""

from garrison.catalog.images import STAND_INS
from garrison.evidence.expected import pair_up
from garrison.plan.wanted import Wanted
from garrison.problem import Problem
from garrison.snapshot.model import Snapshot

ID = "images-are-the-services-own"


def find_stand_ins(snapshot: Snapshot, wanted: Wanted) -> list[Problem]:
    """Containers that run a stand-in. Where no registry is reached nothing else can run: a waiver's case."""
    return [
        Problem(
            where=pair.where,
            id=f"{ID}.stand-in",
            what=f"it runs {pair.found.image_name}, which stands in for {pair.service.image.ref or 'its own image'}.",
            remedy="Take stand_ins out of the inventory, or waive it in inventory/waivers.yaml for a lab.",
        )
        for pair in pair_up(snapshot, wanted)
        if pair.found.image_name.startswith(STAND_INS)
    ]
