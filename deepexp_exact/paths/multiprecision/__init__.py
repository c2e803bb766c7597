"""The multiprecision path: any number of digits in mpmath numbers."""
