"""Vectors: how a collection declares them, and how requests and answers write them."""

from typing import Any

import qdrant_edge as edge

from qdrant_stand_in.errors import FormatError, InputError, NotServedError
from qdrant_stand_in.reading import Body, items, mapping, number, required, whole

_DISTANCES = {
    "Cosine": edge.Distance.Cosine,
    "Euclid": edge.Distance.Euclid,
    "Dot": edge.Distance.Dot,
    "Manhattan": edge.Distance.Manhattan,
}
_DATATYPES = {
    "float32": edge.VectorStorageDatatype.Float32,
    "float16": edge.VectorStorageDatatype.Float16,
    "uint8": edge.VectorStorageDatatype.Uint8,
}
_LARGEST = 65536


def shard_config(body: Body) -> edge.EdgeConfig:
    """The engine's configuration for the body of a request that makes a collection. Raises QdrantError."""
    said = body.get("vectors") or {}
    if "size" in mapping(said, "vectors"):
        vectors: Any = _params(said)
    else:
        vectors = {name: _params(params) for name, params in said.items()}
    sparse = {name: _sparse(params) for name, params in (body.get("sparse_vectors") or {}).items()}
    return edge.EdgeConfig(vectors=vectors or None, sparse_vectors=sparse or None, wal_enabled=True)


def _params(value: object) -> edge.EdgeVectorParams:
    body = mapping(value, "vectors")
    size = whole(required(body, "size"), "vectors.size", least=1)
    if size > _LARGEST:
        raise InputError(f"vectors.size: value {size} invalid, must be from 1 to {_LARGEST}")
    distance = required(body, "distance")
    if distance not in _DISTANCES:
        raise FormatError(f"unknown variant `{distance}`, expected one of {', '.join(_DISTANCES)}")
    datatype = body.get("datatype")
    if datatype is not None and datatype not in _DATATYPES:
        raise NotServedError(f"the datatype {datatype!r}")
    many = body.get("multivector_config")
    return edge.EdgeVectorParams(
        size,
        _DISTANCES[distance],
        datatype=_DATATYPES.get(datatype) if datatype else None,
        multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim) if many else None,
    )


def _sparse(value: object) -> edge.EdgeSparseVectorParams:
    modifier = (mapping(value, "sparse_vectors") if value is not None else {}).get("modifier")
    return edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf if modifier == "idf" else None)


def parse_named(value: object) -> Any:
    """One vector: dense, sparse, or many as one. Raises FormatError."""
    if isinstance(value, dict):
        return _parse_sparse(value)
    found = items(value, "vector")
    if found and isinstance(found[0], list):
        return [[number(each, "vector") for each in row] for row in found]
    return [number(each, "vector") for each in found]


def parse_vector(value: object) -> Any:
    """The vector or the named vectors of a point. Raises FormatError."""
    if isinstance(value, dict) and not {"indices", "values"} <= set(value):
        return {name: parse_named(each) for name, each in value.items()}
    return parse_named(value)


def _parse_sparse(body: Body) -> edge.SparseVector:
    if "indices" not in body:
        raise NotServedError("inference: it takes vectors only")
    indices = [whole(each, "indices", least=0) for each in items(body["indices"], "indices")]
    values = [number(each, "values") for each in items(required(body, "values"), "values")]
    if len(indices) != len(values):
        raise InputError("must be the same length as indices")
    return edge.SparseVector(indices, values)


def show_vector(value: Any) -> Any:
    """A vector as JSON has it."""
    if isinstance(value, edge.SparseVector):
        return {"indices": list(value.indices), "values": list(value.values)}
    if isinstance(value, dict):
        return {name: show_vector(each) for name, each in value.items()}
    return value
