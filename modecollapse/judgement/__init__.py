"""From labelled rows to what became of each facet and mode."""
