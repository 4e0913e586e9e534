"""Convolution, two LSTM layers, and attention over each, for an arm and a leg."""
