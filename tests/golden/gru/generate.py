"""States of a gated recurrent unit, by ONNX Runtime (linear_before_reset=1: the reset gate after the product, as PyTorch's).

python generate.py > gru.json
onnx 1.23.2, onnxruntime 1.32.0, numpy 2.4.6
"""

import json

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

WIDTH, HIDDEN, STEPS = 3, 5, 7
rng = np.random.default_rng(2026)


def draw(*shape: int) -> np.ndarray:
    return rng.normal(scale=0.7, size=shape).astype(np.float32)


# Gates in cairn's order: reset, update, candidate. ONNX wants update, reset, hidden.
w, r, wb, rb = draw(3, HIDDEN, WIDTH), draw(3, HIDDEN, HIDDEN), draw(3, HIDDEN), draw(3, HIDDEN)
x = draw(STEPS, 1, WIDTH)
ORDER = [1, 0, 2]

node = helper.make_node("GRU", ["x", "w", "r", "b"], ["y"], hidden_size=HIDDEN, linear_before_reset=1)
graph = helper.make_graph(
    [node],
    "gru",
    [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [STEPS, 1, WIDTH]),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [1, 3 * HIDDEN, WIDTH]),
        helper.make_tensor_value_info("r", TensorProto.FLOAT, [1, 3 * HIDDEN, HIDDEN]),
        helper.make_tensor_value_info("b", TensorProto.FLOAT, [1, 6 * HIDDEN]),
    ],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [STEPS, 1, 1, HIDDEN])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString())
(y,) = session.run(
    None,
    {
        "x": x,
        "w": w[ORDER].reshape(1, 3 * HIDDEN, WIDTH),
        "r": r[ORDER].reshape(1, 3 * HIDDEN, HIDDEN),
        "b": np.concatenate([wb[ORDER].ravel(), rb[ORDER].ravel()])[None],
    },
)


def by_input(gates: np.ndarray) -> list[float]:
    """Input by output, gates side by side."""
    return [float(value) for value in np.concatenate([gate.T for gate in gates], axis=1).ravel()]


print(
    json.dumps(
        {
            "width": WIDTH,
            "hidden": HIDDEN,
            "steps": x[:, 0].tolist(),
            "inputWeights": by_input(w),
            "recurrentWeights": by_input(r),
            "inputBias": wb.ravel().tolist(),
            "recurrentBias": rb.ravel().tolist(),
            "states": y[:, 0, 0].tolist(),
        },
        indent=1,
    )
)
