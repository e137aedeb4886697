"""Classifiers of sequences by a hidden Markov model for each class."""
