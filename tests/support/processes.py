"""The processes under one: as the kernel tells it."""

from pathlib import Path


def below(process: int) -> list[int]:
    """The processes that the main thread of a process started, and those that these started.

    One that has ended meanwhile has none.
    """
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return []
    children = [int(child) for child in text.split()]
    return [*children, *(lower for child in children for lower in below(child))]
