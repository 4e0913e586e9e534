"""Writes the library as single files: script/amalgamate."""
