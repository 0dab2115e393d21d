"""ONNX Runtime, known to one file, and weights: their records and hashes."""
