"""Nornir tasks: one verb a file, one host at a time."""
