"""One file per format; each renders a report to a string and does no I/O."""
