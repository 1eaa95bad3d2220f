"""Embedders: ONNX Runtime for a few texts, sentence-transformers in bulk."""
