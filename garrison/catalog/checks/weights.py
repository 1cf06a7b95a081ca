"""The list of the files of a service's model is there and can be read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from garrison.catalog.weights import read_weights
from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_weights(catalog: "Catalog") -> Iterator[Problem]:
    """``models`` names a list in the service's own folder."""
    for name, service in catalog.services.items():
        if service.models is None:
            continue
        folder = catalog.folder(name).resolve()
        path = (folder / service.models).resolve()
        try:
            if not path.is_relative_to(folder):
                raise ValueError("it isn't in the service's folder")
            read_weights(path)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            yield Problem(
                where=catalog.sources[name].where("models"),
                id="catalog.models",
                what=f"{service.models} is no list of a model's files: {said}.",
                remedy="Write it by sha256sum in the folder of the model, and keep it in the service's own.",
            )
