"""The paths: one folder for each kind of arithmetic; no path imports another."""
