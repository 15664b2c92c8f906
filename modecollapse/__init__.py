"""Tell lost modes from mere temperature sharpening in the generations of a retrained language model."""

__version__ = "0.1.0"
