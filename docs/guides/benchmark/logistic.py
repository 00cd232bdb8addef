"""A logistic regression as a method of an experiment. Needs numpy.

Called with a folder; rows.json in it says which members there are and where their rows stand. For each of them it writes
one score for every validation and every evaluation row, higher for more suspicious.
"""

import json
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[-1])
ABOUT = json.loads((FOLDER / "rows.json").read_text())


def rows(name):
    """The rows of this name of all members that this run is given, one below the other."""
    return np.concatenate([np.load(FOLDER / one["folder"] / f"{name}.npy") for one in ABOUT["members"]])


def examples():
    """Rows, labels, and weights so that each kind counts as much as it should, however many rows it has."""
    incidents = rows("incidents")
    invented = 0.1 if len(incidents) > 0 else 0.5
    kinds = [
        (rows("familiar"), 0, 0.3),  # benign, nothing new about them
        (rows("novel"), 0, 0.4),  # benign, something new
        (rows("corrupted"), 1, invented),  # benign with another source or destination: what is not ordinary
        (incidents, 1, 0.3),  # what this member has labelled as malicious before the test time
    ]
    kinds = [kind for kind in kinds if len(kind[0]) > 0]
    x = np.concatenate([matrix for matrix, _, _ in kinds]).astype(np.float64)
    y = np.concatenate([np.full(len(matrix), label) for matrix, label, _ in kinds])
    weight = np.concatenate([np.full(len(matrix), share / len(matrix)) for matrix, _, share in kinds])
    return x, y, weight


def with_one(x):
    return np.hstack([x, np.ones((len(x), 1))])


def fit(x, y, weight, ridge=1e-4, steps=20):
    """Newton's method; the ridge keeps it from running away where the classes can be told apart without error."""
    x = with_one(x)
    w = np.zeros(x.shape[1])
    for step in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - y)) + ridge * w
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + ridge * np.eye(len(w))
        w -= np.linalg.solve(hessian, gradient)
        print(f"step {step + 1} of {steps}", flush=True)
    return w


w = fit(*examples())
for member in ABOUT["members"]:
    for part, file in ABOUT["write"].items():
        folder = FOLDER / member["folder"]
        np.save(folder / file, with_one(np.load(folder / f"{part}.npy")) @ w)
