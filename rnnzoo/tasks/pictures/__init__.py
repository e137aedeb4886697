"""Classes of pictures, or of their pixels."""
