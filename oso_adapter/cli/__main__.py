"""``python -m oso_adapter.cli``: the same command, for processes that start themselves."""

from oso_adapter.cli.main import main

main(prog_name="oso-adapter")
