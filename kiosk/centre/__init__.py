"""The way to the acceptance centre: the contract, the station's client, and the embedded reference centre."""
