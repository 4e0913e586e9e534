"""`libhar doctor`: is a library, or an archive with one, fit to be linked into anybody's app.

LIEF and capstone are needed by `libhar.doctor.checks` alone: pip install libhar[doctor]
"""
