"""TenSEAL CKKS as NVFLARE's homomorphic encryption uses it: N = 8192, primes {60, 40, 40}, scale 2^40, one key for all."""

from common import Samples, arguments, finish, row, skip, vectors

try:
    import numpy
    import tenseal
except ImportError as missing:
    skip("tenseal", f"{missing}; install it with: python3 -m venv VENV && VENV/bin/pip install tenseal numpy")

args = arguments()
members = vectors(args)
expected = sum(members)

context = tenseal.context(tenseal.SCHEME_TYPE.CKKS, poly_modulus_degree=8192, coeff_mod_bit_sizes=[60, 40, 40])
context.global_scale = 2**40
public = tenseal.context_from(context.serialize(save_secret_key=False))


def encrypt(values):
    return tenseal.ckks_vector(public, values).serialize()


floats = [vector.astype(float) for vector in members]
others = [encrypt(vector) for vector in floats[1:]]
samples = Samples()
for _ in range(args.runs + 1):
    upload = samples.time("tenseal.ckks_encrypt_ms", lambda: encrypt(floats[0]))
    total = tenseal.ckks_vector_from(public, others[0])
    for other in others[1:]:
        total += tenseal.ckks_vector_from(public, other)

    def add():
        global total
        total += tenseal.ckks_vector_from(public, upload)

    samples.time("tenseal.ckks_add_ms", add)
    serialised = total.serialize()
    opened = samples.time(
        "tenseal.ckks_open_ms", lambda: tenseal.ckks_vector_from(context, serialised).decrypt()
    )
    if not numpy.array_equal(numpy.rint(opened).astype(numpy.int64), expected):
        raise SystemExit("tenseal: the opened sum is not the plain sum")

note = (
    f"TenSEAL {tenseal.__version__} (Apache-2.0, Microsoft SEAL native), NVFLARE's parameters: N 8192, primes {{60,40,40}}, "
    "scale 2^40, one secret key shared by all members, sum rounded; bytes as it serialises them"
)
finish(
    [samples.row(f"tenseal.ckks_{what}_ms", note) for what in ("encrypt", "add", "open")]
    + [row("tenseal.ckks_mb", "mb", [len(upload) / 1e6], note)]
)
