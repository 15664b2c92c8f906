"""From what was found to the report: in sentences, with examples and warnings."""
