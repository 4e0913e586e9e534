"""Recordings of people as the CSV that `har run` reads (docs/csv-format.md).

layout:  the columns and the labels of the recordings, and how they are written.
archive: the original public archive of HAPT, downloaded and read; standard library alone.
packed:  the same recordings packed in hapt.npz; needs numpy.
"""
