"""Taggers whose tags are fed back."""
