# %% [markdown]
# # The vanilla recurrent network and its gradients
#
# One function for all steps, unrolled; the gradients written out; and what truncation loses.

# %%
import matplotlib.pyplot as plt
import numpy as np

import rnnzoo
from rnnzoo.platform import keras, tf  # without their start-up lines

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

# %% [markdown]
# ## Unrolled
#
#     a_t = x_t W_xh + h_{t-1} W_hh + b_h        h_t = tanh(a_t)
#     o_t = h_t W_hy + b_y                       p_t = softmax(o_t)        L = sum_t -log p_t[y_t]
#
# ## Backpropagation through time
#
#     dL/do_t = p_t - 1[y_t]
#     dL/dh_t = dL/do_t W_hy' + dL/da_{t+1} W_hh'      without the second term at t = T
#     dL/da_t = dL/dh_t (1 - h_t^2)
#
#     dL/dW_hy = sum_t h_t' dL/do_t          dL/db_y = sum_t dL/do_t
#     dL/dW_hh = sum_t h_{t-1}' dL/da_t      dL/db_h = sum_t dL/da_t
#     dL/dW_xh = sum_t x_t' dL/da_t


# %%
def bptt(x, y, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    """L, h_T, and the gradients of x (batch, T, features) and y (batch, T), a class a step."""
    T, one_at = x.shape[1], np.eye(len(b_y))
    h, p = {0: h_0}, {}
    for t in range(1, T + 1):
        h[t] = np.tanh(x[:, t - 1] @ W_xh + h[t - 1] @ W_hh + b_h)
        o_t = h[t] @ W_hy + b_y
        p[t] = np.exp(o_t - o_t.max(axis=1, keepdims=True))
        p[t] /= p[t].sum(axis=1, keepdims=True)
    L = sum(-np.log(p[t][np.arange(len(x)), y[:, t - 1]]).sum() for t in p)

    dW_xh, dW_hh, db_h, dW_hy, db_y = map(np.zeros_like, (W_xh, W_hh, b_h, W_hy, b_y))
    da_next = np.zeros_like(h_0)
    for t in range(T, 0, -1):
        do_t = p[t] - one_at[y[:, t - 1]]
        dh_t = do_t @ W_hy.T + da_next @ W_hh.T
        da_t = dh_t * (1 - h[t] ** 2)
        dW_hy += h[t].T @ do_t
        db_y += do_t.sum(axis=0)
        dW_hh += h[t - 1].T @ da_t
        dW_xh += x[:, t - 1].T @ da_t
        db_h += da_t.sum(axis=0)
        da_next = da_t
    return L, h[T], [dW_xh, dW_hh, db_h, dW_hy, db_y]


def new_weights(features, units, classes):
    """W_xh, W_hh, b_h, W_hy, b_y."""
    return [
        rng.normal(size=(features, units)) / np.sqrt(features),
        np.linalg.qr(rng.normal(size=(units, units)))[0],  # a rotation
        np.zeros(units),
        rng.normal(size=(units, classes)) / np.sqrt(units),
        np.zeros(classes),
    ]


# %% [markdown]
# The same by the library's layers, with TensorFlow's gradient:

# %%
weights = new_weights(features=4, units=8, classes=5)
x, y, h_0 = rng.normal(size=(3, 20, 4)), rng.integers(5, size=(3, 20)), np.zeros((3, 8))
L, h_T, ours = bptt(x, y, h_0, *weights)

layer = rnnzoo.layers.SimpleRNN(8, return_sequences=True, dtype="float64")
model = keras.Sequential([layer, keras.layers.Dense(5, dtype="float64")])
model.build(x.shape)
model.set_weights(weights)
with tf.GradientTape() as tape:
    each = tf.nn.sparse_softmax_cross_entropy_with_logits(y, model(tf.constant(x)))
    loss = tf.reduce_sum(each)
theirs = tape.gradient(loss, [weight.value for weight in model.weights])
for name, a, b in zip(("W_xh", "W_hh", "b_h", "W_hy", "b_y"), ours, theirs, strict=True):
    print(f"dL/d{name}: {np.abs(a - b).max():.0e} apart")
    assert np.abs(a - b).max() < 1e-10

# %% [markdown]
# ## A network of characters, trained by these lines alone
#
# In windows of 20 characters, and the state goes on from window to window.

# %%
text = (
    "the cat sat on the mat. the rat sat on the hat. the cat saw the rat. the rat ran. "
    "the cat ran on the mat. the hat sat on the cat. the rat saw that. "
) * 4
characters = sorted(set(text))
ids = np.array([characters.index(character) for character in text])
one_hot = np.eye(len(characters))


def adam(weights, gradients, memory, step, rate=0.01):
    """One step of Adam, on gradients that are no longer than 5."""
    length = np.sqrt(sum((g**2).sum() for g in gradients))
    for i, g in enumerate(gradients):
        g = g * min(1, 5 / length)
        m, v = memory.setdefault(i, (0, 0))
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        memory[i] = m, v
        weights[i] -= rate * m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.99**step)) + 1e-8)


def write(weights, length, temperature, start="t"):
    """Draw characters one by one, each fed back."""
    W_xh, W_hh, b_h, W_hy, b_y = weights
    h, written = np.zeros(len(b_h)), start
    for _ in range(length):
        h = np.tanh(one_hot[characters.index(written[-1])] @ W_xh + h @ W_hh + b_h)
        p = np.exp((h @ W_hy + b_y) / temperature)
        written += characters[rng.choice(len(characters), p=p / p.sum())]
    return written


weights, memory, curve, window, step = (
    new_weights(len(characters), 48, len(characters)),
    {},
    [],
    20,
    0,
)
for epoch in range(30):
    h, nats = np.zeros((1, 48)), 0.0
    for first in range(0, len(ids) - window, window):
        here = ids[first : first + window + 1]
        L, h, gradients = bptt(one_hot[here[None, :-1]], here[None, 1:], h, *weights)
        step += 1
        adam(weights, gradients, memory, step)
        nats += L / window
    curve.append(nats / (len(ids) // window))
    if epoch in (0, 4, 29):
        print(f"epoch {epoch + 1:2}, {curve[-1]:.2f} nats: {write(weights, 60, 0.7)}")
for temperature in (0.1, 0.7, 1.5):
    print(f"temperature {temperature}: {write(weights, 60, temperature)}")

# %%
plt.plot(range(1, 31), curve)
plt.xlabel("epoch")
plt.ylabel("nats per character, in training")
plt.show()

# %% [markdown]
# ## What truncation loses
#
# The answer at each step is the symbol of 6 steps before. The state goes on from window to window,
# the gradient does not: in windows that are shorter than the delay, no window's gradient holds
# both the symbol and the answer.

# %%
DELAY, BATCHES = 6, 200
windows, curves = (2, 4, 8, 24), {}
for window in windows:
    weights, memory, step, curves[window] = new_weights(2, 32, 2), {}, 0, []
    for _ in range(BATCHES):
        bits = rng.integers(2, size=(32, 24 + DELAY))
        h, nats = np.zeros((32, 32)), 0.0
        given, wanted = np.eye(2)[bits[:, DELAY:]], bits[:, :24]
        for first in range(0, 24, window):
            here = slice(first, first + window)
            L, h, gradients = bptt(given[:, here], wanted[:, here], h, *weights)
            step += 1
            adam(weights, [g / 32 / window for g in gradients], memory, step)
            nats += L / 32 / 24
        curves[window].append(nats)
    print(f"window {window:2}: {np.mean(curves[window][-20:]):.3f} nats (a guess has 0.693)")

# %%
for window, nats in curves.items():
    plt.plot(np.convolve(nats, np.ones(10) / 10, "valid"), label=f"window {window}")
plt.axhline(np.log(2), color="black", linestyle=":", label="a guess")
plt.xlabel("sequences of 24 steps, batches of 32")
plt.ylabel("nats per answer")
plt.title(f"The symbol of {DELAY} steps before")
plt.legend()
plt.show()
