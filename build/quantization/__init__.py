"""A trained network as an ONNX graph, and smaller."""
