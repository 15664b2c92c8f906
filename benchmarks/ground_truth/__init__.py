"""A real language model retrained in known ways: corpora whose truth is known because it was made.

``corpora`` holds every corpus drawn so far, so that the studies run without drawing them anew (SmolLM2-135M-Instruct
and retrained versions of it, Apache-2.0).
"""
