"""The clerk's page: rendered here, brought to life by one small script, no build step and nothing from elsewhere."""
