"""OSO adapter: a reference endpoint for the Dutch Overstapservice Onderwijs."""

__version__ = "0.1.0"
