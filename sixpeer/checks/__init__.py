"""What should be true against what was seen: expectation + observation → verdict."""
