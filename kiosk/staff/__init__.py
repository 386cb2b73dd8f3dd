"""Who works here: personal accounts with a PIN, and what happens when nobody touches the station."""
