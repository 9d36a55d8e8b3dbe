"""The commands: `python -m runbooks.deploy`, plan, verify, drift, render."""
