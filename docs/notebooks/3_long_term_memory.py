# %% [markdown]
# # Long-term memory
#
# Why gradients vanish, and what delays, leaks and gates do about it: measured in networks.

# %%
import matplotlib.pyplot as plt
import numpy as np

from rnnzoo import analysis, layers
from rnnzoo.platform import keras  # without its start-up lines

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

# %% [markdown]
# ## Powers of eigenvalues
#
# dh_T/dh_t is a product of T - t Jacobians. Of a linear network whose eigenvalues all have the
# size lambda, its spectral radius is lambda^(T - t). A delay of D makes it lambda^((T - t)/D), a
# time constant tau makes an eigenvalue lambda into 1 - (1 - lambda)/tau.

# %%
T = 100
spans = (1, 2, 5, 10, 20, 50, 100)
x = rng.normal(size=(1, T, 3))
rotation = np.linalg.qr(rng.normal(size=(16, 16)))[0]
linear = {"activation": "linear", "dtype": "float64"}


def radius(layer, recurrent):
    """Of dh_T/dh_{T-k} for each k of spans."""
    layer.build(x.shape)
    named = ["recurrent" in weight.name for weight in layer.weights]
    found = zip(named, layer.get_weights(), strict=True)
    layer.set_weights([recurrent if this else weight for this, weight in found])
    return np.exp(analysis.jacobian_products(layer, x, spans=spans).log_spectral_radius[0])


measured = {
    "vanilla, 1.1": radius(layers.SimpleRNN(16, **linear), 1.1 * rotation),
    "vanilla, 0.9": radius(layers.SimpleRNN(16, **linear), 0.9 * rotation),
    "delay 5, 0.9": radius(layers.SkipDelayRNN(16, delays=(5,), **linear), 0.9 * rotation),
    "leak of tau = 10, 0.9": radius(
        layers.LeakyRNN(16, time_constants=10.0, **linear), 0.9 * np.eye(16)
    ),
}
k = np.array(spans)
expected = [1.1**k, 0.9**k, 0.9 ** (k / 5), (1 - 0.1 / 10) ** k]
for (name, values), power in zip(measured.items(), expected, strict=True):
    assert np.allclose(values, power)
    plt.semilogy(spans, values, "o-", label=name)
plt.xlabel("steps back")
plt.ylabel("spectral radius")
plt.title("Explodes, vanishes, and vanishes later")
plt.legend()
plt.show()

# %% [markdown]
# ## With tanh, inputs and a loss: networks before training
#
# `gradient_flow` says how strongly the loss at the last step depends on the state of each step
# before.

# %%
UNITS = 32


def rotation_by(size):
    """A recurrent kernel to begin with whose eigenvalues all have this size."""
    return keras.initializers.Orthogonal(gain=size)


cells = {
    "rnn": lambda: layers.SimpleRNN(UNITS, recurrent_initializer=rotation_by(1.0)),
    "rnn, 0.8": lambda: layers.SimpleRNN(UNITS, recurrent_initializer=rotation_by(0.8)),
    "leaky": lambda: layers.LeakyRNN(UNITS, time_constants=(1, 60)),
    "skip": lambda: layers.SkipDelayRNN(UNITS, delays=(1, 10)),
    "gru": lambda: layers.GRU(UNITS),
    "lstm": lambda: layers.LSTM(UNITS),
    "lstm, slow": lambda: layers.LSTM(UNITS),
}


def network(cell):
    """One layer, and an answer after the last step."""
    layer = cells[cell]()
    model = keras.Sequential([keras.Input((None, 5)), layer, keras.layers.Dense(4)])
    if cell == "lstm, slow":  # forget gates of time constants from 1 to 60: 1 / (1 - f) = tau
        taus = np.geomspace(1.5, 60, UNITS)
        kernel, recurrent, bias = layer.get_weights()
        bias[UNITS : 2 * UNITS], bias[:UNITS] = np.log(taus - 1), -np.log(taus - 1)
        layer.set_weights([kernel, recurrent, bias])
    return model


def flow(model, x, y):
    """The mean of ||dL_T/ds_t|| by steps back."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    (found,) = analysis.gradient_flow(model, (x, y), loss=loss).values()
    return found.mean


# %% [markdown]
# The task: the first step shows one of four symbols, 40 steps of noise follow, then the symbol is
# asked for.

# %%
STEPS = 41


def examples(n, seed):
    """Sequences of noise that begin with a symbol, and the symbol."""
    rng = np.random.default_rng(seed)
    y = rng.integers(4, size=n)
    x = np.zeros((n, STEPS, 5))
    x[:, 0, :4] = np.eye(4)[y]
    x[:, 1:, 4] = rng.normal(size=(n, STEPS - 1))
    return x.astype("float32"), y


x, y = examples(32, seed=1)
for cell in cells:
    plt.semilogy(flow(network(cell), x, y), label=cell)
plt.xlabel("steps back")
plt.ylabel("||dL_T / ds_t||, before training")
plt.legend()
plt.show()

# %% [markdown]
# ## Who learns it
#
# The same number of steps for all of them, and gradients that are clipped.

# %%
train, test = examples(64 * 400, seed=2), examples(500, seed=3)
models, accuracy = {}, {}
for cell in cells:
    keras.utils.set_random_seed(1)
    model = models[cell] = network(cell)
    model.compile(
        keras.optimizers.Adam(0.003, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    part = len(train[1]) // 8
    accuracy[cell] = []
    for i in range(8):
        here = slice(i * part, (i + 1) * part)
        model.fit(train[0][here], train[1][here], batch_size=64, verbose=0)
        accuracy[cell].append(model.evaluate(*test, batch_size=500, verbose=0)[1])
    print(f"{cell:10}: right after each 50 steps", [f"{a:.2f}" for a in accuracy[cell]])

# %%
for cell, values in accuracy.items():
    plt.plot(50 * np.arange(1, 9), values, "o-", label=cell)
plt.axhline(0.25, color="black", linestyle=":", label="a guess")
plt.xlabel("training steps of 64 sequences")
plt.ylabel(f"right, {STEPS - 1} steps later")
plt.legend()
plt.show()

# %% [markdown]
# What a network can remember before it is trained is what it learns to remember: where the
# gradient of the picture above has vanished there is nothing to learn from. The vanilla network
# begins with a rotation, whose eigenvalues have the size 1, and with eigenvalues of 0.8 it is
# lost. Gates begin half open, so a GRU forgets half at each step and an LSTM, whose forget gates
# begin at 0.73, a quarter: gates *can* stay open, but have to learn it. An LSTM whose forget gates
# begin with the time constants of the leaky units (Tallec & Ollivier 2018) has what both have.
#
# One seed and one task: another rate or length may order them otherwise. What was measured with
# several is in `docs/tasks/memory.md`.
#
# ## How it is remembered
#
# The gradient after training, what the LSTM's gates do at the symbol and after it, and how long
# units remember.

# %%
for cell, model in models.items():
    plt.semilogy(flow(model, x, y), label=cell)
plt.xlabel("steps back")
plt.ylabel("||dL_T / ds_t||, trained")
plt.legend()
plt.show()

# %%
gates = analysis.gates(models["lstm, slow"].layers[0], x)
for name, gate in gates.items():
    plt.plot(gate.mean(axis=(0, 2)), label=name)
    print(
        f"{name:6} gate: at the symbol {gate[:, 0].mean():.2f}, after it {gate[:, 1:].mean():.2f}"
    )
plt.xlabel("step; the symbol is the first")
plt.ylabel("open, mean over units and sequences")
plt.legend(title="gate of the slow LSTM")
plt.show()

# %%
for cell in ("leaky", "gru", "lstm", "lstm, slow"):
    taus = analysis.time_constants(models[cell].layers[0], x)
    plt.plot(np.sort(taus), label=cell)
    print(f"{cell:10}: time constants from {taus.min():.1f} to {taus.max():.1f} steps")
plt.yscale("log")
plt.xlabel("unit, sorted")
plt.ylabel("time constant in steps")
plt.legend()
plt.show()

# %% [markdown]
# The same of a model of yours: `rnnzoo analyse RUN --gradient-flow --gates --states`.
