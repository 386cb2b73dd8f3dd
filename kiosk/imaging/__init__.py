"""Pages and codes in pictures: pure functions on arrays, without devices, Qt or network.

A picture is BGR uint8, height × width × 3; corners are float32 (4, 2) pixels in the order top left, top right, bottom
right, bottom left. Nothing here keeps a picture, and nothing here locks: every function may run on any thread.
"""
