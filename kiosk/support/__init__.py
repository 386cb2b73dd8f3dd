"""One file that a technician can send: what this station is and what happened, without anything personal or secret."""
