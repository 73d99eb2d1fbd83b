"""ONNX export, quantization and pruning of the text encoder."""
