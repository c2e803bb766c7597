"""The construction in plain mpmath, as ``proofs/theorem.md`` writes it; read ``shift`` first.

``shift``          W1 = c·D⁻¹: P1 and P2, and ``solve_shift``
``split``          W1 where D is singular or nearly so: Q0 to Q7, and ``solve_split``
``constant``       Y1 = Y2: ``solve_constant``
``second_layer``   W2 and W3 for any first layer and any logarithm: P3 to P7, S1 to S3
``functions``      inverse, checked exponential, logarithm from a branch record, of one matrix
``network``        f and its residual for given weights, with the steps measured on the way
``precision``      the one loop that raises the precision until two agree and the residual is met
``numbers``        exact data as mpmath numbers, norms, rounding

mpmath and nothing else numerical, only its public interface, in contexts of its own: the global
precision is neither read nor changed.  Made to be read; the multiprecision path is the fast one.
"""
