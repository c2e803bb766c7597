"""The choice of α = e^c: a predictor of digits lost, and the search that minimises it."""

from .choice import AlphaChoice, choose_alpha, near_one, predicted_loss
from .prediction import Predictor

__all__ = ["AlphaChoice", "Predictor", "choose_alpha", "near_one", "predicted_loss"]
