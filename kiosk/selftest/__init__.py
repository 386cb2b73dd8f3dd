"""What a technician wants to know in one press: does every piece and the station itself work, and if not, why."""
