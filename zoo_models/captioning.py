"""Captioning: a sentence about a picture or a video.

    picture -> CNN -> a vector in the space of words -> a recurrent network that writes words

The network of Vinyals et al. (2014), "Show and tell: a neural image caption generator", with the
layers of each name's own source; for videos that of Venugopalan et al. (2014), "Translating videos
to natural language using deep recurrent neural networks"; with attention that of Xu et al. (2015),
"Show, attend and tell: neural image caption generation with visual attention".
"""

import os

from rnnzoo.errors import WrongValue
from rnnzoo.registry import register_model
from zoo_models.options import (
    check,
    check_attention,
    check_rate,
    check_sizes,
    frame_network,
    recurrent_kind,
)

# What `parameters` counts with, as the words come from the data.
REFERENCE_WORDS = {f"word{i}": 1 for i in range(1000)}


def captioner(
    *,
    cell="lstm",
    units=128,
    layers=1,
    embedding_size=96,
    dropout=0.0,
    condition="step",
    frames="mean",
    attention=None,
    encoder="cnn",
    filters=(16, 32, 48, 64),
    encoder_weights="imagenet",
    fine_tune=False,
    size=64,
    min_count=1,
    words=None,
    features=None,
    dtype=None,
    **cell_options,
):
    """A `rnnzoo.tasks.Captioner`.

    Args:
        cell: "rnn", "leaky", "skip", "gru" or "lstm".
        units: hidden units of each layer.
        layers: recurrent layers on top of each other.
        embedding_size: length of a word's and a picture's vector.
        dropout: share dropped, in training, of each recurrent layer's input and of the output.
        condition: how the sentence depends on the picture: "step", "input", "state" or "both".
        frames: of a video: "mean" or "steps".
        attention: "general", "scaled" or "additive": before each word the decoder looks at all
            regions of the picture, each of which is scored by h W a, that over the square root of
            h's length, or u tanh(h W + a U); of several layers the lowest looks, and those above
            read what it found (Anderson et al. 2018, "Bottom-up and top-down attention for image
            captioning and visual question answering"). None: it doesn't look.
        encoder: "cnn", a small one that is trained along; the name of a network in
            keras.applications, such as "MobileNetV2"; None, where features are given.
        filters: of the small CNN's convolutions.
        encoder_weights: of a network in keras.applications: "imagenet" (downloaded once), a path,
            or None for random ones; of the small CNN the path of what training_scripts/encoder.py
            writes, else it begins with random ones.
        fine_tune: whether an encoder that begins with weights is trained along; if not, each
            picture goes through it once, and its features are kept.
        size: side in pixels that pictures are resized to.
        min_count: words that training meets less often are unknown.
        words: dict of words with counts; None takes them from the first data fitted.
        features: length of given features; None takes it from the first data fitted.
        dtype: dtype policy, such as "mixed_bfloat16"; None is Keras's global one.
        **cell_options: the cell's own (time_constants of leaky, delays of skip).

    Raises:
        ValueError: an option is none of these, or the cell doesn't have it.
        ConnectionError: weights are to be downloaded, and can't be.
    """
    from rnnzoo.layers import RecurrentStack
    from rnnzoo.tasks import Captioner

    kind = recurrent_kind(cell, cell_options)
    check_sizes(
        units=units, layers=layers, embedding_size=embedding_size, size=size, min_count=min_count
    )
    check_rate("dropout", dropout)
    check_attention(attention)
    flat = attention is None  # else the encoder says which region is where
    if encoder == "cnn":
        check("filters", filters, 2 ** len(filters) <= size, f"at most {size.bit_length() - 1}")
        network = frame_network(filters, dtype, normalize=True, flatten=flat)
        if encoder_weights not in (None, "imagenet"):
            _load(network, encoder_weights, size)
            network.trainable = fine_tune
    elif encoder is not None:
        network = _application(encoder, size, encoder_weights, fine_tune, dtype, flat)
    else:
        network = None
    stack = RecurrentStack(
        [kind(units, dtype=dtype, **cell_options) for _ in range(layers)],
        dropout=dropout,
        between=0 if flat or layers == 1 else embedding_size,
        dtype=dtype,
    )
    return Captioner(
        stack,
        network,
        embedding_size,
        condition,
        frames,
        size,
        min_count,
        words,
        features,
        attention,
        dtype=dtype,
    )


def _load(network, path, size):
    """Give the small CNN the weights of a file."""
    if not os.path.exists(path):
        raise WrongValue(f"encoder_weights={str(path)!r}: there is no such file")
    network.build((None, size, size, 3))
    try:
        network.load_weights(path)
    except (ValueError, OSError) as error:  # h5py says OSError where it is no such file
        said = str(error).strip().splitlines()[0]
        raise WrongValue(
            f"encoder_weights={str(path)!r}: expected weights of a CNN with the same filters, as "
            f"training_scripts/encoder.py writes them ({said})"
        ) from None


def _application(name, size, weights, fine_tune, dtype, flat):
    """A network of keras.applications without its classes, from uint8 pictures to a vector, or to
    one of each region.
    """
    import inspect

    from rnnzoo.platform import keras
    from rnnzoo.tasks import Preprocessing

    able = [
        name
        for name, member in vars(keras.applications).items()
        if inspect.isfunction(member) and name[0].isupper()
    ]
    check("encoder", name, name in able, f"'cnn', None or one of {', '.join(sorted(able))}")
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype or policy)  # its layers take none but the global one
    try:
        network = getattr(keras.applications, name)(
            include_top=False,
            weights=weights,
            pooling="avg" if flat else None,
            input_shape=(size, size, 3),
        )
    except Exception as error:
        # Keras's download helper raises a bare Exception where nobody answers, or with an error.
        if "URL fetch failure" not in str(error):
            raise WrongValue(f"encoder={name!r} with size={size}: {error}") from None
        raise ConnectionError(
            f"the weights of {name} have to be downloaded once, and that failed ({error}): look at "
            "the network, give encoder_weights the path of a file, or None for random weights"
        ) from None
    finally:
        keras.config.set_dtype_policy(policy)
    encoder = keras.Sequential([Preprocessing(name), network], name="encoder")
    encoder.trainable = fine_tune
    return encoder


_SHARED = {
    "units": 128,
    "layers": 1,
    "embedding_size": 96,
    "dropout": 0.0,
    "condition": "step",
    "attention": None,
    "encoder": "cnn",
    "filters": (16, 32, 48, 64),
    "size": 64,
}
_VIDEO = {"layers": 2, "size": 32, "filters": (16, 32, 32)}


def _row(cell, description, paper, parameters, dataset="emoji_captions", weights=(), **defaults):
    return {
        "task": "captioning",
        "description": description,
        "paper": paper,
        "dataset": dataset,
        "metric": "accuracy",
        "defaults": {"cell": cell, **_SHARED, **defaults},
        "parameters": parameters,
        "weights": weights,
    }


_VINYALS = "Vinyals et al. 2014, Show and tell: a neural image caption generator"

MODELS = {
    "caption_rnn": _row(
        "rnn",
        "pictures to sentences, simple recurrent units",
        "Elman 1990, Finding structure in time",
        283_867,
    ),
    "caption_leaky": _row(
        "leaky",
        "pictures to sentences, leaky units with time constants from 1 to 8",
        "Jaeger et al. 2007, Optimization and applications of echo state networks with "
        "leaky-integrator neurons",
        283_867,
        time_constants=(1.0, 8.0),
    ),
    "caption_gru": _row(
        "gru",
        "pictures to sentences, gated recurrent units",
        "Cho et al. 2014, Learning phrase representations using RNN encoder-decoder",
        341_851,
    ),
    "caption_lstm": _row(
        "lstm",
        "pictures to sentences, long short-term memory",
        _VINYALS,
        370_267,
        weights=("emoji_captions",),
    ),
    "caption_attention_lstm": _row(
        "lstm",
        "pictures to sentences, long short-term memory that looks at regions while it writes",
        "Xu et al. 2015, Show, attend and tell: neural image caption generation with visual "
        "attention",
        326_075,
        dataset="emoji_scenes",
        weights=("emoji_scenes",),
        condition="state",
        attention="scaled",
    ),
    "video_caption_lstm": _row(
        "lstm",
        "videos to sentences, the mean of a CNN over frames and two layers of LSTM",
        "Venugopalan et al. 2014, Translating videos to natural language using deep recurrent "
        "neural networks",
        469_355,
        dataset="moving_emoji",
        condition="input",
        **_VIDEO,
    ),
    "video_caption_s2vt": _row(
        "lstm",
        "videos to sentences, two layers of LSTM that read the frames and then write",
        "Venugopalan et al. 2015, Sequence to sequence: video to text",
        420_203,
        dataset="moving_emoji",
        frames="steps",
        **_VIDEO,
    ),
}

for _name, _entry in MODELS.items():
    register_model(_name, **_entry, flagship=_name == "caption_attention_lstm")(captioner)
