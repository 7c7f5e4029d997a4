"""oso-webhook: a LAS in any language answers the hooks of the OSO adapter, as JSON over HTTPS."""
