"""How good answers are: measures with intervals, beside the simple thing, and what looks odd."""
