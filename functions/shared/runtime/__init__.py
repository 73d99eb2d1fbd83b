"""Process-level building blocks: settings, model artifacts, ONNX sessions, memory."""
