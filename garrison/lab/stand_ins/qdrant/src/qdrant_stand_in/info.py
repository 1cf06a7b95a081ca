"""The description of a collection, with Qdrant's defaults for what wasn't said."""

from typing import Any

from qdrant_stand_in.reading import Body

_HNSW = {
    "m": 16,
    "ef_construct": 100,
    "full_scan_threshold": 10000,
    "max_indexing_threads": 0,
    "on_disk": False,
}
_OPTIMIZERS = {
    "deleted_threshold": 0.2,
    "vacuum_min_vector_number": 1000,
    "default_segment_number": 0,
    "max_segment_size": None,
    "memmap_threshold": None,
    "indexing_threshold": 10000,
    "flush_interval_sec": 5,
    "max_optimization_threads": None,
}
_WAL = {"wal_capacity_mb": 32, "wal_segments_ahead": 0, "wal_retain_closed": 1}


def describe(said: Body, figures: Body) -> dict[str, Any]:
    """What ``GET /collections/NAME`` answers: ``said`` made it, ``figures`` come from the engine."""
    params: dict[str, Any] = {
        "vectors": said.get("vectors") or {},
        "shard_number": said.get("shard_number") or 1,
        "replication_factor": said.get("replication_factor") or 1,
        "write_consistency_factor": said.get("write_consistency_factor") or 1,
        "on_disk_payload": said.get("on_disk_payload", True),
    }
    if said.get("sparse_vectors"):
        params["sparse_vectors"] = said["sparse_vectors"]
    config = {
        "params": params,
        "hnsw_config": _over(_HNSW, said.get("hnsw_config")),
        "optimizer_config": _over(_OPTIMIZERS, said.get("optimizers_config")),
        "wal_config": _over(_WAL, said.get("wal_config")),
        "quantization_config": said.get("quantization_config"),
    }
    for key in ("strict_mode_config", "metadata"):
        if said.get(key) is not None:
            config[key] = said[key]
    return {"status": "green", "optimizer_status": "ok", **figures, "config": config}


def _over(defaults: dict[str, Any], said: Body | None) -> dict[str, Any]:
    return {**defaults, **{key: value for key, value in (said or {}).items() if value is not None}}
