"""Balls of one matrix: exact values enclosed, eigenvectors, logarithm."""
