"""One small module per device. Imports neither the application nor Qt; see README.md for the rules."""
