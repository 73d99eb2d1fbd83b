"""The emotion model: a sentence encoder fine-tuned on GoEmotions, shipped as int8 ONNX."""
