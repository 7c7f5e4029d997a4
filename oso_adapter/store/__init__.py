"""What the adapter keeps: tables, sealed payloads, keys, migrations."""
