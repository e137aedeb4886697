"""Series in time to be forecast: one form for all of them, and how it is made.

`panel` says what a series and a panel of them are, and `frequency` how a calendar steps. No module
of it imports TensorFlow.
"""
