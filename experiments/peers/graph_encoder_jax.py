"""The graph encoder in JAX, float64, with gradients by automatic differentiation.

Reads cases as JSON from standard input and prints them with answers: logits of all edges, states after the last window,
loss, and the gradient of the loss with respect to the flat weight vector. Made with it:
models/detection/vectors/graph-encoder-jax.json.gz. Needs: pip install jax.
"""

import json
import sys

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def tensors(flat, sizes):
    """The flat vector cut into its tensors, row-major, in the order of models/detection/graph-encoder-architecture.ts."""
    d, e, h, s, c = (sizes[name] for name in ("nodeInputs", "edgeInputs", "hidden", "state", "decoder"))
    shapes = {
        "near_self": (d, h), "near_mean": (d, h), "near_b": (h,),
        "far_self": (h, h), "far_mean": (h, h), "far_b": (h,),
        "W": (h, 3 * s), "bx": (3 * s,), "U": (s, 3 * s), "bh": (3 * s,),
        "source": (s, c), "destination": (s, c), "edge": (e, c), "ends_b": (c,),
        "last": (c,), "last_b": (),
    }
    cut, at = {}, 0
    for name, shape in shapes.items():
        length = 1
        for size in shape:
            length *= size
        cut[name] = flat[at:at + length].reshape(shape)
        at += length
    assert at == flat.shape[0], (at, flat.shape)
    return cut


def mean_matrix(window, nodes):
    """Dense nodes x nodes matrix whose rows average over the neighbours; zero rows where there are none."""
    matrix = [[0.0] * nodes for _ in range(nodes)]
    for i, row in enumerate(window["lists"]):
        for j in row:
            matrix[i][j] += 1 / len(row)
    return jnp.array(matrix, dtype=jnp.float64).reshape(nodes, nodes)


def run(flat, case):
    sizes, nodes = case["architecture"], case["nodes"]
    p = tensors(flat, sizes)
    states = jnp.array(case["start"], dtype=jnp.float64).reshape(nodes, sizes["state"])
    logits = []
    for window in case["windows"]:
        A = mean_matrix(window, nodes)
        x = jnp.array(window["nodes"], dtype=jnp.float64).reshape(nodes, sizes["nodeInputs"])
        x = jax.nn.relu(x @ p["near_self"] + A @ x @ p["near_mean"] + p["near_b"])
        x = jax.nn.relu(x @ p["far_self"] + A @ x @ p["far_mean"] + p["far_b"])
        before = states
        xr, xz, xn = jnp.split(x @ p["W"] + p["bx"], 3, axis=1)
        hr, hz, hn = jnp.split(before @ p["U"] + p["bh"], 3, axis=1)
        r, z = jax.nn.sigmoid(xr + hr), jax.nn.sigmoid(xz + hz)
        states = (1 - z) * jnp.tanh(xn + r * hn) + z * before
        seen = before if sizes["judges"] == "before" else states
        source = seen[jnp.array(window["from"], dtype=int)]
        destination = seen[jnp.array(window["to"], dtype=int)]
        edge = jnp.array(window["edges"], dtype=jnp.float64).reshape(len(window["from"]), sizes["edgeInputs"])
        units = source @ p["source"] + destination @ p["destination"] + edge @ p["edge"] + p["ends_b"]
        logits.append(jax.nn.relu(units) @ p["last"] + p["last_b"])
    return jnp.concatenate(logits), states


def loss(flat, case):
    logits, _ = run(flat, case)
    labels, weights = jnp.array(case["labels"]), jnp.array(case["weights"])
    each = -labels * jax.nn.log_sigmoid(logits) - (1 - labels) * jax.nn.log_sigmoid(-logits)
    return (each * weights).sum() / weights.sum()


cases = json.load(sys.stdin)
for case in cases:
    flat = jnp.array(case["vector"], dtype=jnp.float64)
    logits, states = run(flat, case)
    case["answer"] = {
        "logits": logits.tolist(),
        "states": states.flatten().tolist(),
        "loss": float(loss(flat, case)),
        "gradient": jax.grad(loss)(flat, case).tolist(),
    }
json.dump({"what": f"JAX {jax.__version__}, float64, experiments/peers/graph_encoder_jax.py", "cases": cases}, sys.stdout)
