"""A sentence about a picture or a video."""
