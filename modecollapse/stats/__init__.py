"""Arrays in, numbers out. Nothing here knows what a text, a facet or an embedding is."""
