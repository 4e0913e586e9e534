"""Attention distillation on a watch: a teacher and its student in five forms."""
