"""The use cases: prepare, deliver and fetch a dossier; each reads like its step list."""
