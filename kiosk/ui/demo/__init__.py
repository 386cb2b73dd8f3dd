"""The demo's own front end: the panel that plays the hand of the resident, and the player of a whole visit."""
