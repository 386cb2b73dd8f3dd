"""The visit as a pure state machine: what is asked for in each step, and how it is kept between two starts."""
