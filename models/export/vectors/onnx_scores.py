# Checks the ONNX exports that `node test/export-vectors.ts FOLDER` has written, and scores their rows.
# Needs: pip install onnx==1.23.2 onnxruntime==1.32.0
# Writes onnx_scores.json beside itself: which bytes it was, and what onnxruntime made of them.
import hashlib
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

cases = {}
for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    path = folder / "model.onnx"
    onnx.checker.check_model(onnx.load(path), full_check=True)
    rows = numpy.array(json.loads((folder / "rows.json").read_text()), dtype=numpy.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map == {"cordon": "a test"}
    (scores,) = session.run(["score"], {"features": rows})
    assert scores.shape == (len(rows), 1)
    cases[folder.name] = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "scores": [float(score) for score in scores[:, 0]],
    }
made = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__, "cases": cases}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(made, indent=1) + "\n")
