"""A simulated OSO chain: Traffic Center, OSR, the test school 00YY and a certificate authority.

It judges any endpoint, so it knows nothing of the exchange, the store or the plugins behind ours.
"""
