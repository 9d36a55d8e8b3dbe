"""NAPALM drivers of this project, a package each; NAPALM looks here before it looks in its own."""
