"""The emotion model: a sentence encoder fine-tuned on GoEmotions, released as int8 ONNX."""
