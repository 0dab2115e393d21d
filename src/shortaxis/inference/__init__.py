"""ONNX Runtime, known to one file."""
