# %% [markdown]
# # Markov chains and hidden Markov models
#
# What recurrent networks replaced, and what they are still measured by.

# %%
import matplotlib.pyplot as plt
import numpy as np

import rnnzoo
from rnnzoo.platform import keras  # Keras, without its start-up lines

keras.utils.set_random_seed(0)

# %% [markdown]
# ## Markov chains
#
# P(x_t | x_<t) = P(x_t | x_{t-k} ... x_{t-1}). The text is source code of Python's standard
# library, which is on every computer that runs this. A chain of each order is counted, on little
# text and on more; what it costs is measured on text that it never saw, in bits per character.

# %%
text = rnnzoo.load_text("python_source")
held_out = text.validation[:20_000]
orders = (1, 2, 3, 4, 5, 7)
bits = {}
for size in (10_000, 100_000, 400_000):
    for order in orders:
        chain = rnnzoo.create_model(
            "char_markov5", order=order, vocabulary="".join(sorted(set(text.train)))
        )
        chain.adapt(text.train[:size])
        bits[size, order] = -chain.log_prob(held_out) / len(held_out) / np.log(2)
    print(f"{size:7,} characters:", [f"{bits[size, order]:.2f}" for order in orders])

# %%
for size in (10_000, 100_000, 400_000):
    plt.plot(orders, [bits[size, order] for order in orders], "o-", label=f"{size:,} characters")
plt.xlabel("order k: characters looked back")
plt.ylabel("bits per character, held out")
plt.legend(title="counted")
plt.title("More context helps as long as there is text to count it in")
plt.show()

# %% [markdown]
# Long contexts hardly ever come again. Without smoothing they would make the chain worse;
# interpolated Kneser-Ney falls back on shorter ones, so a higher order never costs much. What each
# chain writes:

# %%
for order in (1, 2, 5):
    chain = rnnzoo.create_model(
        "char_markov5", order=order, vocabulary="".join(sorted(set(text.train)))
    )
    chain.adapt(text.train[:400_000])
    print(f"--- order {order}")
    print(chain.generate("def ", length=200, temperature=0.8, seed=3))

# %% [markdown]
# ## A hidden Markov model
#
# A casino has a fair die, and one that shows a six every second time. It seldom changes them. What
# is seen are the numbers; the die is hidden.

# %%
casino = rnnzoo.layers.HiddenMarkovModel(states=2, size=6)
fair, loaded = np.full(6, 1 / 6), np.array([0.1] * 5 + [0.5])
casino.cell.initial_logits.assign(np.log([0.5, 0.5]))
casino.cell.transition_logits.assign(np.log([[0.95, 0.05], [0.1, 0.9]]))
casino.emissions.emission_logits.assign(np.log([fair, loaded]))
x, die = casino.sample(length=200, count=30, seed=4)
print("numbers:", "".join(str(number + 1) for number in x[0, :70]))
print("die:    ", "".join("FL"[state] for state in die[0, :70]))

# %% [markdown]
# Who knows the casino's probabilities can say which die it was. The posterior P(h_t | x) knows the
# whole sequence, Viterbi's path is the likeliest of all of them.

# %%
posterior = casino.posterior(x).numpy()[..., 1]
path = casino.viterbi(x).numpy()
print(f"right: posterior {((posterior > 0.5) == die).mean():.3f}, path {(path == die).mean():.3f}")
print(f"always fair: {(die == 0).mean():.3f}")

# %%
figure, axis = plt.subplots(figsize=(10, 3), layout="constrained")
axis.fill_between(range(200), die[0], step="mid", alpha=0.3, label="it was loaded")
axis.plot(posterior[0], label="P(loaded | all numbers)")
axis.plot(1.05 + 0.05 * path[0], drawstyle="steps-mid", label="Viterbi's path")
axis.set_xlabel("step")
axis.legend(loc="center right")
plt.show()

# %% [markdown]
# ## Learned from the numbers alone
#
# Expectation maximization (Baum and Welch): count what is expected of the hidden states given x,
# take what is likeliest of the counts, again and again. The likelihood never falls. The backward
# algorithm that it needs is the gradient of the forward algorithm, so it is backpropagation
# through time.

# %%
learner = rnnzoo.layers.HiddenMarkovModel(states=2, size=6, learn="em")
losses = learner.fit(x, epochs=60, verbose=0).history["loss"]
assert all(after <= before + 1e-5 for before, after in zip(losses, losses[1:], strict=False))
truth = float(-casino.log_prob(x).numpy().mean() / 200)
plt.plot(losses, label="learned")
plt.axhline(truth, color="black", linestyle=":", label="the casino's own")
plt.xlabel("epoch")
plt.ylabel("nats per number, in training")
plt.legend()
plt.show()

# %%
order = np.argsort(learner.emissions.probabilities.numpy()[:, 5])  # the loaded one last
print("P(number | die):")
print(learner.emissions.probabilities.numpy()[order].round(2))
print("P(die | die before):")
print(learner.cell.transitions.numpy()[np.ix_(order, order)].round(2))
found = order.argsort()[learner.viterbi(x).numpy()]
print(f"dice told right, which it was never told: {(found == die).mean():.3f}")

# %% [markdown]
# ## What a hidden state can't do
#
# n states remember log2(n) bits. To know how many brackets are open and whether a word is a name
# and whether a quotation is open takes the product of all of these as states. A recurrent network
# has a number for each.
