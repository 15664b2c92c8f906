"""Studies and measurements. Each is one command, prints a table and writes it to ``docs/``."""
