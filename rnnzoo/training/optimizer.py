"""The optimizer of every run: AdamW, warmed up, its gradients clipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnzoo.platform import keras

if TYPE_CHECKING:
    from rnnzoo.training.settings import Settings


def make_optimizer(
    model: keras.Model, settings: Settings, total_steps: int
) -> keras.optimizers.Optimizer:
    """AdamW with a learning rate that is a function of nothing but its own count of steps.

    The rate rises linearly for `warmup` steps. Then it stays (``schedule="constant"``), or falls as
    a half cosine to 0 at the last step (``schedule="cosine"``, whose warm-up takes a tenth of all
    steps at most).

    Args:
        model: whose matrices decay; vectors such as biases are left alone.
        settings: learning_rate, schedule, warmup, weight_decay and ema.
        total_steps: of the whole run.

    Source: Loshchilov and Hutter, 2019, "Decoupled weight decay regularization".
    """
    rate, warmup = settings.learning_rate, settings.warmup
    constant = settings.schedule == "constant"
    if not constant:
        warmup = min(warmup, total_steps // 10)
    optimizer = keras.optimizers.AdamW(
        keras.optimizers.schedules.CosineDecay(
            rate / (warmup + 1),
            decay_steps=max(1, total_steps - warmup),
            alpha=1.0 if constant else 0.0,  # the share of the rate that is left at the end
            warmup_target=rate,
            warmup_steps=warmup,
        ),
        weight_decay=settings.weight_decay,
        global_clipnorm=1.0,
        use_ema=settings.ema > 0,
        ema_momentum=settings.ema,
    )
    vectors = [variable for variable in model.trainable_variables if len(variable.shape) < 2]
    optimizer.exclude_from_weight_decay(var_list=vectors)
    return optimizer
