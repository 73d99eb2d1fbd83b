"""The pointer-generator network, its vocabulary and greedy decoding."""
