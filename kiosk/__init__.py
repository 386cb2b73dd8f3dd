"""Doorstep (家门口): the application of a remote-service station."""

__version__ = "0.1.0"
