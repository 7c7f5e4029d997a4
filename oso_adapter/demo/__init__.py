"""The demonstration: the whole chain on this machine, with real processes and real mutual TLS."""
