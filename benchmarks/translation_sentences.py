"""What does the pretrained translator make of sentences of a program's user interface?

    python benchmarks/translation_sentences.py

The sentences were chosen before any was translated, and stay as they are. Writes
benchmarks/results/translation_sentences.json.
"""

from record import write

import rnnzoo

SENTENCES = (
    "Save changes?",
    "Delete image",
    "Do you really want to delete this file?",
    "The password is too short.",
    "Enter a valid email address.",
    "Your account has been created.",
    "Open in a new window",
    "No results found for %(query)s",
    "Page %(number)d of %(total)d",
    "Upload a new version",
    "Cancel",
    "You have unsaved changes.",
    "Click here to reset your password",
    "The file {name} could not be opened.",
    "Select all",
    "Sort by date",
    "Connection lost. Trying again in %s seconds",
    "Show hidden files",
    "Send a copy to %(address)s",
    "This field is required.",
)


def main() -> None:
    """Translate, write."""
    model = rnnzoo.create_model("translate_attention_gru", pretrained=True)
    answers = model.translate(SENTENCES)
    write("translation_sentences", {"sentences": dict(zip(SENTENCES, answers, strict=True))})


if __name__ == "__main__":
    main()
