"""OpenFHE threshold BFV, all of three members: joint public key, encryption, addition, partial decryptions, fusion."""

import importlib.metadata
import os
import tempfile

from common import Samples, arguments, finish, row, skip, vectors

try:
    import numpy
    import openfhe
except ImportError as missing:
    skip(
        "openfhe",
        f"{missing}; install it with: python3 -m venv VENV && VENV/bin/pip install openfhe numpy "
        "(its wheels are for certain versions of Python and Ubuntu)",
    )

args = arguments()
members = vectors(args)
expected = sum(members)

parameters = openfhe.CCParamsBFVRNS()
parameters.SetPlaintextModulus(132120577)  # 27 bits: sums of 1,024 members; with 58 bits, two values a slot, it decrypts wrongly
parameters.SetMultiplicativeDepth(0)
parameters.SetMultipartyMode(openfhe.MultipartyMode.NOISE_FLOODING_MULTIPARTY)
crypto = openfhe.GenCryptoContext(parameters)
for feature in ("PKE", "KEYSWITCH", "LEVELEDSHE", "MULTIPARTY"):
    crypto.Enable(getattr(openfhe.PKESchemeFeature, feature))
ring = crypto.GetRingDimension()

keys = [crypto.KeyGen()]
for _ in members[1:]:
    keys.append(crypto.MultipartyKeyGen(keys[-1].publicKey))
public = keys[-1].publicKey


def packed(vector):
    return [vector[i : i + ring].tolist() for i in range(0, len(vector), ring)]


def encrypt(parts):
    return [crypto.Encrypt(public, crypto.MakePackedPlaintext(part)) for part in parts]


def partial(key, ciphertexts, lead):
    decrypt = crypto.MultipartyDecryptLead if lead else crypto.MultipartyDecryptMain
    return decrypt(ciphertexts, key.secretKey)


def decrypt_all(ciphertexts):
    shares = [partial(key, ciphertexts, i == 0) for i, key in enumerate(keys)]
    return [crypto.MultipartyDecryptFusion([share[i] for share in shares]) for i in range(len(ciphertexts))]


parts = [packed(vector) for vector in members]
others = [encrypt(part) for part in parts[1:]]
samples = Samples()
for _ in range(args.runs + 1):
    upload = samples.time("openfhe.bfv_encrypt_ms", lambda: encrypt(parts[0]))
    total = others[0]
    for other in others[1:]:
        total = [crypto.EvalAdd(a, b) for a, b in zip(total, other)]
    total = samples.time("openfhe.bfv_add_ms", lambda: [crypto.EvalAdd(a, b) for a, b in zip(total, upload)])
    plain = samples.time("openfhe.bfv_open_ms", lambda: decrypt_all(total))
    opened = numpy.concatenate([numpy.array(one.GetPackedValue(), dtype=numpy.int64) for one in plain])[: args.length]
    if not numpy.array_equal(opened, expected):
        raise SystemExit("openfhe: the opened sum is not the plain sum")

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "ciphertext")
    size = 0
    for ciphertext in upload:
        openfhe.SerializeToFile(path, ciphertext, openfhe.BINARY)
        size += os.path.getsize(path)

note = (
    f"OpenFHE {importlib.metadata.version('openfhe')} (BSD-2-Clause, native), threshold BFV of {len(keys)} members, all of "
    f"them needed, N {ring}, plain modulus 27 bits, one value a slot, noise flooding; opening is the work of all members "
    "together; Python lists are converted inside the call; ciphertexts stay in memory, without (de)serialisation"
)
finish(
    [samples.row(f"openfhe.bfv_{what}_ms", note) for what in ("encrypt", "add", "open")]
    + [row("openfhe.bfv_mb", "mb", [size / 1e6], note)]
)
