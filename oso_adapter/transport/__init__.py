"""Mutual TLS: contexts, the certificate's OIN, the client and the server.

The platform is Linux: the server uses ``TCP_DEFER_ACCEPT`` and the parent-death signal.
"""
