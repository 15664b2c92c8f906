"""A real language model retrained in known ways: corpora whose truth is known because it was made."""
