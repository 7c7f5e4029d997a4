"""Real parts for the tests: a chain of processes, schools with adapters, synthetic dossiers."""
