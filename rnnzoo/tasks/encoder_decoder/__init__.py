"""Sentences about what an encoder has read: a picture, a video, another sentence."""
