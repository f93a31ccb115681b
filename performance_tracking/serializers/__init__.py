"""The shapes in which performance is answered."""
