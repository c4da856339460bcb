"""Loaded by other people's programs: standard library only, any Python 3 or Node."""
