"""Makers' libraries for ID card readers, each loaded in a process of its own: a crash there is a device fault."""
