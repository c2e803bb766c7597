"""exp, log, inverses and eigenvalues of one matrix, with errors."""
