"""Device ends that listen on real ports and speak the real wire protocols; used by demo, training and tests."""
