"""Why does a recurrent network remember, or forget? What its layers do, measured.

    gradient_flow(model, batch)      how strongly the loss of the last step depends on each state
    gradient_by_span(model, batch)   how far back the gradient of the weights comes from
    step_jacobians(layer, x)         how each state depends on the one before
    jacobian_products(layer, x)      the same over spans: what vanishes, what explodes
    hidden_states(model, raw)        every state at every step, with labels
    gates(layer, x)                  what gates let through
    time_constants(layer)            how long units remember
    text_activity(model, text)       units along a text, and what they track

They take any model of the zoo, and any Keras model with layers of `rnnzoo.layers` in it, a user's
own cells among them. `rnnzoo analyse RUN` draws them.
"""

from typing import TYPE_CHECKING

from rnnzoo.lazy import lazy

if TYPE_CHECKING:
    from rnnzoo.analysis.gradients import (
        GradientBySpan,
        GradientFlow,
        gradient_by_span,
        gradient_flow,
    )
    from rnnzoo.analysis.jacobians import (
        JacobianProducts,
        jacobian_products,
        jacobians_over_time,
        step_jacobians,
    )
    from rnnzoo.analysis.memory import gates, time_constants
    from rnnzoo.analysis.states import HiddenStates, hidden_states
    from rnnzoo.analysis.text import TextActivity, text_activity
    from rnnzoo.analysis.watching import recurrent_layers

_EXPORTS = {
    "GradientBySpan": "rnnzoo.analysis.gradients",
    "GradientFlow": "rnnzoo.analysis.gradients",
    "HiddenStates": "rnnzoo.analysis.states",
    "JacobianProducts": "rnnzoo.analysis.jacobians",
    "TextActivity": "rnnzoo.analysis.text",
    "gates": "rnnzoo.analysis.memory",
    "gradient_by_span": "rnnzoo.analysis.gradients",
    "gradient_flow": "rnnzoo.analysis.gradients",
    "hidden_states": "rnnzoo.analysis.states",
    "jacobian_products": "rnnzoo.analysis.jacobians",
    "jacobians_over_time": "rnnzoo.analysis.jacobians",
    "recurrent_layers": "rnnzoo.analysis.watching",
    "step_jacobians": "rnnzoo.analysis.jacobians",
    "text_activity": "rnnzoo.analysis.text",
    "time_constants": "rnnzoo.analysis.memory",
}

__all__ = [
    "GradientBySpan",
    "GradientFlow",
    "HiddenStates",
    "JacobianProducts",
    "TextActivity",
    "gates",
    "gradient_by_span",
    "gradient_flow",
    "hidden_states",
    "jacobian_products",
    "jacobians_over_time",
    "recurrent_layers",
    "step_jacobians",
    "text_activity",
    "time_constants",
]

__getattr__, __dir__ = lazy(__name__, _EXPORTS)
