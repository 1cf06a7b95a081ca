"""Turns the published weights of all-MiniLM-L6-v2 into one fp32 ONNX graph that pools and normalises too.

Runs while the image is built: ``python export.py MODEL_DIRECTORY TARGET_DIRECTORY``.
"""

import json
import shutil
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights = dict[str, NDArray[np.float32]]
HIDDEN, HEADS, LAYERS, EPSILON = 384, 12, 6, 1e-12
# ONNX Runtime's own fused operators: one kernel for attention, one for each bias + activation or + norm.
FUSED = "com.microsoft"


def read_safetensors(path: Path) -> Weights:
    """The float tensors of a safetensors file (8 bytes of header length, a JSON header, raw data)."""
    raw = path.read_bytes()
    (length,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            data = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype="<f4")
            tensors[name] = data.reshape(entry["shape"])
    return tensors


class Graph:
    """Collects nodes and initialisers under names that follow the weights' own."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add an initialiser and return its name."""
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, transposed: bool = False) -> str:
        """Add the weight ``name`` as an initialiser and return its name."""
        value = self.weights[name]
        return self.constant(name, value.T if transposed else value)

    def node(self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output that matters and return that output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output


def add_embeddings(graph: Graph) -> str:
    """Words, positions and their layer norm; a text is one segment, so segment 0 joins the positions."""
    position = graph.weights["embeddings.position_embeddings.weight"]
    segment = graph.weights["embeddings.token_type_embeddings.weight"][0]
    words = graph.node("Gather", [graph.weight("embeddings.word_embeddings.weight"), "input_ids"], "words")
    table = graph.constant("positions_table", position + segment)
    zero, one = graph.constant("zero", np.array([0])), graph.constant("one", np.array([1]))
    shape = graph.node("Shape", ["input_ids"], "shape")
    length = graph.node("Slice", [shape, one, graph.constant("two", np.array([2])), zero], "length")
    positions = graph.node("Slice", [table, zero, length, zero], "positions")
    summed = graph.node("Add", [words, positions], "embedded")
    return _layer_norm(graph, summed, "embeddings.LayerNorm", "embedded_norm")


def add_layer(graph: Graph, state: str, index: int) -> str:
    """One transformer block."""
    prefix = f"encoder.layer.{index}"
    attended = _attention(graph, state, prefix)
    state = _skip_norm(graph, attended, state, f"{prefix}.attention.output")
    inner = graph.node(
        "MatMul", [state, graph.weight(f"{prefix}.intermediate.dense.weight", True)], f"{prefix}.inner"
    )
    active = graph.node(
        "BiasGelu", [inner, graph.weight(f"{prefix}.intermediate.dense.bias")], f"{prefix}.gelu", FUSED
    )
    return _skip_norm(graph, active, state, f"{prefix}.output")


def add_pooling(graph: Graph, state: str) -> None:
    """The mean over a text's tokens, made a unit vector."""
    last = graph.constant("last_axis", np.array([2]))
    mask = graph.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    column = graph.node("Unsqueeze", [mask, last], "mask_column")
    masked = graph.node("Mul", [state, column], "masked")
    total = graph.node("ReduceSum", [masked, "one"], "total", keepdims=0)
    count = graph.node("ReduceSum", [column, "one"], "count", keepdims=0)
    mean = graph.node("Div", [total, count], "mean")
    graph.node("LpNormalization", [mean], "embedding", axis=-1, p=2)


def _layer_norm(graph: Graph, state: str, name: str, output: str) -> str:
    scale, shift = graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")
    return graph.node("LayerNormalization", [state, scale, shift], output, axis=-1, epsilon=EPSILON)


def _attention(graph: Graph, state: str, prefix: str) -> str:
    parts = [f"{prefix}.attention.self.{part}" for part in ("query", "key", "value")]
    matrix = np.concatenate([graph.weights[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([graph.weights[f"{part}.bias"] for part in parts])
    inputs = [state, graph.constant(f"{prefix}.qkv", matrix), graph.constant(f"{prefix}.qkv_bias", bias)]
    return graph.node("Attention", [*inputs, "attention_mask"], f"{prefix}.attended", FUSED, num_heads=HEADS)


def _skip_norm(graph: Graph, state: str, skip: str, name: str) -> str:
    dense = graph.node("MatMul", [state, graph.weight(f"{name}.dense.weight", True)], f"{name}.matmul")
    scale, shift = graph.weight(f"{name}.LayerNorm.weight"), graph.weight(f"{name}.LayerNorm.bias")
    inputs = [dense, skip, scale, shift, graph.weight(f"{name}.dense.bias")]
    return graph.node("SkipLayerNormalization", inputs, f"{name}.norm", FUSED, epsilon=EPSILON)


def build(weights: Weights) -> onnx.ModelProto:
    """The whole model: token ids and mask in, unit vectors out."""
    graph = Graph(weights)
    state = add_embeddings(graph)
    for index in range(LAYERS):
        state = add_layer(graph, state, index)
    add_pooling(graph, state)
    integers = [
        helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "length"])
        for name in ("input_ids", "attention_mask")
    ]
    vectors = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", HIDDEN])
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", integers, [vectors], graph.initializers)
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(FUSED, 1)]
    return helper.make_model(body, opset_imports=opsets, ir_version=8, producer_name="garrison")


def main(source: Path, target: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` into ``target``."""
    target.mkdir(parents=True, exist_ok=True)
    model = build(read_safetensors(source / "model.safetensors"))
    # Deterministic bytes: the service knows this file's digest and refuses another.
    (target / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
