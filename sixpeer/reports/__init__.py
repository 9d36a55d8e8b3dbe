"""A run as people and machines read it: table, JSON, JUnit, HTML, Prometheus."""
