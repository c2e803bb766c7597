"""Construction by a spectral splitting of F = X_s⁻¹·D."""
