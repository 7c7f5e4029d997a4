"""Clients of the other parties of the chain: Traffic Center, OSR and the other school's system."""
