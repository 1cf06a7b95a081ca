"""The peer: the service's model by ONNX Runtime alone. Runs in the service's container, with its own Python.

The first line of standard input is the batches, as JSON; each further line asks for one round, whose seconds
are printed. The last round's first vectors follow on the line after them.
"""

import json
import os
import sys
import time

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

batches = json.loads(sys.stdin.readline())
tokenizer = Tokenizer.from_file("/models/tokenizer.json")
tokenizer.enable_truncation(256)
tokenizer.enable_padding()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(os.environ.get("EMBEDDINGS_MODEL_THREADS", "2"))
session = onnxruntime.InferenceSession("/models/model.onnx", options, providers=["CPUExecutionProvider"])


def embed(texts: list[str]) -> np.ndarray:
    encoded = tokenizer.encode_batch(texts)
    ids = np.array([one.ids for one in encoded], dtype=np.int32)
    mask = np.array([one.attention_mask for one in encoded], dtype=np.int32)
    return session.run(None, {"input_ids": ids, "attention_mask": mask})[0]


print("ready", flush=True)  # noqa: T201
for _ in sys.stdin:
    began = time.perf_counter()
    vectors = [embed(batch) for batch in batches]
    seconds = time.perf_counter() - began
    print(json.dumps([seconds, [one[0].tolist() for one in vectors]]), flush=True)  # noqa: T201
