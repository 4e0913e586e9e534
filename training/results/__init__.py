"""The figures of docs/results.md, recomputed from models/ and the recordings."""
