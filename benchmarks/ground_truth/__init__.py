"""A real language model retrained in known ways: corpora whose truth is known because it was made.

``extract.jsonl.gz`` holds six answers to each of four prompts of the corpora drawn so far, to look at without drawing
them (field ``corpus``; SmolLM2-135M-Instruct and retrained versions of it, Apache-2.0).
"""
