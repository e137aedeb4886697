"""One answer for a whole sequence: what a recording or a clip shows."""
