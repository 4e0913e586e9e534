"""Fewer channels: chosen by saliency on training people, trained again by the model's recipe."""
