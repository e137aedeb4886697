"""Markov chains of characters: counted, smoothed, and answered from sorted tables."""
