"""What ``scripts/benchmark.py`` times, and how its results are written."""
