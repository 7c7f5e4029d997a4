"""Dossiers in and out as JSON or XML files in a folder that is shared with the school's system."""
