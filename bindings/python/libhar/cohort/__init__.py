"""Labels of many recordings: on the cores of one machine, on a Dask cluster, in Spark.

local     label(where, model, output): files and sets, with progress, going on after a kill
dask      the same on a cluster of dask.distributed
spark     label(frame, model): a data frame of samples to one of labels, through mapInArrow
labels    one recording to its labels, which all of them call, and the table of labels

They need pyarrow: `pip install libhar[cohort]`, `[dask]`, `[spark]`.
"""
