"""Steps that prefer flat minima, at no cost: gradients are taken ahead of the weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("fer_edge")
class MomentumSAM(keras.optimizers.SGD):
    """Gradient descent from the gradient at a point ahead of the weights along their momentum.

    Becker et al., "Momentum-SAM", 2024 (arXiv:2401.12033), algorithm 1: the point stands in for the
    steepest one near by of Foret et al., "Sharpness-Aware Minimization", 2020 (arXiv:2010.01412),
    which takes a second gradient. While it trains, the model's weights are those of that point;
    their average, and those that are left when training ends, are not.
    """

    def __init__(self, learning_rate: Any = 0.01, radius: float = 1.0, **kwargs: Any) -> None:
        """Args:
        learning_rate: a number or a schedule.
        radius: how far ahead, the length of the step over all weights together.
        kwargs: of Keras's SGD; momentum must not be 0, nesterov is another way to look ahead.
        """
        super().__init__(learning_rate, **kwargs)
        self.radius = radius

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        if not self.built:
            self.build(trainable_variables)
        self._look(-self.radius)
        iteration = super().apply(grads, trainable_variables)
        self._look(self.radius)
        return iteration

    def finalize_variable_values(self, var_list: Any) -> None:
        """Leave the weights or their average."""
        if not self.use_ema:
            self._look(-self.radius)
        super().finalize_variable_values(var_list)

    def _look(self, distance: float) -> None:
        squares = [ops.sum(ops.square(momentum)) for momentum in self.momentums]
        scale = distance * ops.rsqrt(sum(squares) + 1e-12)
        for variable, momentum in zip(self._trainable_variables, self.momentums, strict=True):
            variable.assign_add(scale * momentum)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "radius": self.radius}
