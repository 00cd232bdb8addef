"""Known answers for the rules of federated optimisers: Flower's own strategies over a few rounds of made-up updates.

    python experiments/peers/flower_server_rules.py > models/federated/vectors/server-rules-flower.json

Flower corrects FedAdam's step for the first rounds, which Reddi et al. 2021 do not; told of a late round, the correction is 1.
"""

import json

import flwr
import numpy as np
from flwr.common import Code, FitRes, Status, ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server.strategy import FedAdagrad, FedAdam, FedAvgM, FedYogi

ROUNDS, CLIENTS, LENGTH, LATE = 6, 3, 5, 10**7


def run(strategy, first, updates):
    """Weights after every round; clients train from what they are given."""
    now, after = first, []
    for step, update in enumerate(updates):
        results = [
            (None, FitRes(Status(Code.OK, ""), ndarrays_to_parameters([now + one]), 1, {}))
            for one in update
        ]
        number = step + 1 if isinstance(strategy, FedAvgM) else LATE
        parameters, _ = strategy.aggregate_fit(number, results, [])
        now = parameters_to_ndarrays(parameters)[0]
        after.append(now.tolist())
    return after


def main():
    draw = np.random.default_rng(5)
    first = draw.normal(size=LENGTH)
    updates = draw.normal(scale=0.05, size=(ROUNDS, CLIENTS, LENGTH))
    start = ndarrays_to_parameters([first])
    cases = []

    def add(strategy, optimiser):
        if hasattr(strategy, "tau"):
            strategy.v_t = [np.full(LENGTH, strategy.tau**2)]
        cases.append({"optimiser": optimiser, "after": run(strategy, first, updates)})

    for momentum, rate in [(0.9, 1.0), (0.5, 0.3)]:
        add(
            FedAvgM(initial_parameters=start, server_momentum=momentum, server_learning_rate=rate),
            {"kind": "momentum", "momentum": momentum, "learningRate": rate},
        )
    for rate, beta1, beta2, tau in [(0.1, 0.9, 0.99, 1e-3), (0.03, 0.0, 0.5, 0.05)]:
        common = {"initial_parameters": start, "eta": rate, "tau": tau}
        moments = {"beta_1": beta1, "beta_2": beta2}
        add(
            FedAdam(**common, **moments),
            {"kind": "fedadam", "learningRate": rate, "beta1": beta1, "beta2": beta2, "tau": tau},
        )
        add(
            FedYogi(**common, **moments),
            {"kind": "fedyogi", "learningRate": rate, "beta1": beta1, "beta2": beta2, "tau": tau},
        )
        # Flower's FedAdagrad has no beta_1 of its own; it reads the one of its base class.
        adagrad = FedAdagrad(**common)
        adagrad.beta_1 = beta1
        add(adagrad, {"kind": "fedadagrad", "learningRate": rate, "beta1": beta1, "tau": tau})
    print(
        json.dumps(
            {
                "madeWith": f"flwr {flwr.__version__}, numpy {np.__version__}",
                "first": first.tolist(),
                "updates": updates.tolist(),
                "cases": cases,
            }
        )
    )


main()
