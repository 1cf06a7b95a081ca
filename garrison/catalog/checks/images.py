"""A service and its folder: what service.yaml speaks of is there."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from garrison.problem import Problem

if TYPE_CHECKING:
    from garrison.catalog.catalog import Catalog


def check_build_folders(catalog: "Catalog") -> Iterator[Problem]:
    """An image that is built has a Containerfile, in the service's own folder."""
    for name, service in catalog.services.items():
        where = catalog.sources[name].where("image", "build")
        build = service.image.build
        if build is None:
            continue
        if build.parts:
            yield Problem(
                where=where,
                id="catalog.build-folder",
                what=f"an image is built from the service's own folder, not from '{build}'.",
                remedy="Write 'build: .'.",
            )
        elif not (catalog.folder(name) / "Containerfile").is_file():
            yield Problem(
                where=where,
                id="catalog.no-containerfile",
                what="the folder has no Containerfile.",
                remedy="Add one, or name an image with 'ref' and 'digest'.",
            )


def check_files(catalog: "Catalog") -> Iterator[Problem]:
    """Each of ``files`` is there, as it is or as a template, and not both."""
    for name, service in catalog.services.items():
        for file in service.files:
            where = catalog.sources[name].where("files", file)
            pure = PurePosixPath(file)
            if pure.is_absolute() or ".." in pure.parts:
                yield Problem(
                    where=where,
                    id="catalog.file-outside",
                    what=f"'{file}' is not a path inside the service's folder 'files'.",
                    remedy="Copy the file there and name it from there.",
                )
                continue
            plain = catalog.folder(name) / "files" / file
            found = [path for path in (plain, plain.with_name(f"{plain.name}.j2")) if path.is_file()]
            if len(found) != 1:
                yield _twice(where, file) if found else _missing(where, file)


def _missing(where: str, file: str) -> Problem:
    return Problem(
        where=where,
        id="catalog.file-missing",
        what=f"files/{file} is not in the service's folder, nor a template files/{file}.j2.",
        remedy="Add one of the two.",
    )


def _twice(where: str, file: str) -> Problem:
    return Problem(
        where=where,
        id="catalog.file-twice",
        what=f"both files/{file} and the template files/{file}.j2 are there.",
        remedy="Keep one of the two.",
    )
