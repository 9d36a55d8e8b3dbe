"""Many hosts as one change: what will be done, doing it, and putting it back."""
