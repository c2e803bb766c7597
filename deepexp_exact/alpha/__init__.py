"""The choice of α = e^c: a predictor of digits lost, and the search that minimises it."""

from .choice import AlphaChoice, choose_alpha, near_one, predicted_loss
from .norms import UnpredictedError
from .prediction import Predictor

__all__ = [
    "AlphaChoice",
    "Predictor",
    "UnpredictedError",
    "choose_alpha",
    "near_one",
    "predicted_loss",
]
