"""ONNX export and quantization of the abstractive summarizers."""
