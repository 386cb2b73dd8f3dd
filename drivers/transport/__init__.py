"""Byte carriers: serial ports, TCP, PC/SC, USB. Each handle is used by one thread only, its driver's."""
