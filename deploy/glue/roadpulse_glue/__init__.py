"""The raw layer becomes the analytics layer: what the job `curate.py` is made of, one concern a file."""
