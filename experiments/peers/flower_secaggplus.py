"""Flower's SecAgg+: its own functions expand a pairwise seed to a mask and add it to the quantised vector."""

import os

from common import Samples, arguments, finish, skip, vectors

try:
    import flwr
    import numpy
    from flwr.common.secure_aggregation.ndarrays_arithmetic import (
        parameters_addition,
        parameters_mod,
        parameters_subtraction,
    )
    from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen
except ImportError as missing:
    skip("flower", f"{missing}; install it with: python3 -m venv VENV && VENV/bin/pip install flwr numpy")

MODULUS = 2**32  # the default of its SecAgg+ workflow

args = arguments()
first, second = vectors(args)[:2]
samples = Samples()
for _ in range(args.runs + 1):
    seed = os.urandom(32)
    masked = samples.time(
        "flower.mask_ms_per_neighbour",
        lambda: parameters_addition([first], pseudo_rand_gen(seed, MODULUS, [first.shape])),
    )
    other = parameters_subtraction([second], pseudo_rand_gen(seed, MODULUS, [second.shape]))
    opened = parameters_mod(parameters_addition(masked, other), MODULUS)[0]
    if not numpy.array_equal(opened, first + second):
        raise SystemExit("flower: the unmasked sum is not the plain sum")

note = (
    f"Flower {flwr.__version__} (Apache-2.0): pseudo_rand_gen and parameters_addition, modulus 2^32; it folds the seed to "
    "32 bits and expands it with a Mersenne Twister, which is no cryptographic generator; per neighbour"
)
finish([samples.row("flower.mask_ms_per_neighbour", note)])
