"""What Nornir lets us add: inventory, runner, processors, and the connection to Kubernetes."""
