"""The embedded acceptance centre: SQLite, a folder, and the clerk's page. One process, one worker."""
