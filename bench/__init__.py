"""What things cost, measured beside something that is known. Not tests: the figures depend on the machine."""
