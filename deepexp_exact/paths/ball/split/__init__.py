"""The split construction in enclosures: projector, root, factorisation, first layer."""
