"""Packages to begin with, for each kind of back end: templates, and what fills them in."""
