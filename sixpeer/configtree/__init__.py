"""Device configuration as values: tree, ownership, composition. Nothing here talks to a device."""
