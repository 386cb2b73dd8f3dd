"""Supervision of the drivers: one of each kind, started together, each failing by itself."""
