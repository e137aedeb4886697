"""The architectures: one family a file, each registered under its names by `register_model`."""
