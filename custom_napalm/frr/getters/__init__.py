"""What a router says about itself, read into NAPALM's dictionaries: a module a subject, without a connection.

Each has the shell commands to run, which go to the router in one round trip, and a function of what they printed.
NAPALM's `-1` stands for what FRR does not tell.
"""
