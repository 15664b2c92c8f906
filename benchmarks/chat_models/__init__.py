"""What the tool says of chat models that others have sampled."""
