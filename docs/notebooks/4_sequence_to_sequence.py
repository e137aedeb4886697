# %% [markdown]
# # From sequence to sequence
#
# An encoder and a decoder, without attention and with it, on a language that is made here: English
# phrases of coloured things into French, where the colour comes after the thing.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

import rnnzoo
from rnnzoo.platform import keras  # Keras, without its start-up lines

colours = {"red": "rouge", "green": "vert", "blue": "bleu", "black": "noir", "white": "blanc"}
things = {"book": "livre", "hat": "chapeau", "cat": "chat", "dog": "chien", "boat": "bateau"}
pairs = list(itertools.product(colours, things))


def phrase(some):
    """A list of (colour, thing) in English and in French."""
    english = " and ".join(f"the {colour} {thing}" for colour, thing in some)
    french = " et ".join(f"le {things[thing]} {colours[colour]}" for colour, thing in some)
    return english, french


def phrases(n, longest, seed):
    """Phrases of 1 to so many things."""
    rng = np.random.default_rng(seed)
    some = (
        [pairs[i] for i in rng.integers(len(pairs), size=rng.integers(1, longest + 1))]
        for _ in range(n)
    )
    english, french = zip(*map(phrase, some), strict=True)
    return list(english), list(french)


train, test = phrases(1500, 4, seed=0), phrases(200, 4, seed=1)
print(train[0][3], "->", train[1][3])
print(f"{len(set(test[0]) - set(train[0]))} of {len(set(test[0]))} test phrases are new")

# %% [markdown]
# ## Trained
#
# P(y | x) = prod_t P(y_t | y_<t, x). Without attention, x is the encoder's last state and nothing
# else.

# %%
small = {"units": 48, "embedding_size": 24, "layers": 1, "dropout": 0.0, "label_smoothing": 0.0}
models, EPOCHS = {}, 20
for name in ("translate_gru", "translate_attention_gru"):
    keras.utils.set_random_seed(0)
    model = models[name] = rnnzoo.create_model(name, pieces=None, **small)
    model.compile(keras.optimizers.Adam(0.005, global_clipnorm=1.0))
    history = model.fit(*train, epochs=EPOCHS, batch_size=32, verbose=0).history
    plt.plot(range(1, EPOCHS + 1), history["loss"], label=name)
    print(name, f"{model.num_parameters:,} parameters, loss {history['loss'][-1]:.3f}")
plt.xlabel("epoch")
plt.ylabel("nats per word, in training")
plt.legend()
plt.show()

# %% [markdown]
# ## Where one state is too narrow
#
# The share of phrases that are translated without a mistake, by the number of things in them.

# %%
right = {}
for name, model in models.items():
    answers = model.translate(test[0])
    counts = np.array([sentence.count("the ") for sentence in test[0]])
    exact = np.array([answer == wanted for answer, wanted in zip(answers, test[1], strict=True)])
    right[name] = [exact[counts == n].mean() for n in range(1, 5)]
    print(f"{name}: {[f'{share:.2f}' for share in right[name]]} of phrases of 1, 2, 3, 4 things")
    plt.plot(range(1, 5), right[name], "o-", label=name)
plt.xticks(range(1, 5))
plt.ylim(0, 1.05)
plt.xlabel("things in the phrase")
plt.ylabel("right as a whole")
plt.legend()
plt.show()

# %%
english = "the red cat and the blue boat and the black dog and the white hat"
for name, model in models.items():
    print(f"{name:23}: {model.translate([english])[0]}")

# %% [markdown]
# ## Where it looks
#
# Each row is a word that is written, and how much each word of the source was looked at before.
# The colour is written after its thing, so the weights cross.

# %%
attention = models["translate_attention_gru"]
(alignment,) = attention.predict([english], alignments=True)[1]
figure, axis = plt.subplots(figsize=(7, 6), layout="constrained")
axis.imshow(alignment.weights, "Greys", vmin=0, vmax=1)
axis.set_xticks(range(len(alignment.source_tokens)), alignment.source_tokens, rotation=90)
axis.set_yticks(range(len(alignment.target_tokens)), alignment.target_tokens)
plt.show()
print(alignment.pairs())

# %% [markdown]
# Weights are no dictionary: the encoder reads in both directions, so its output at one word knows
# of its neighbours.
#
# ## Beams
#
# A beam keeps the likeliest beginnings. All answers with their log-probabilities:

# %%
for translation, log_prob in attention.translations([english], beam_width=3)[0]:
    print(f"{log_prob:7.3f}  {translation}")
