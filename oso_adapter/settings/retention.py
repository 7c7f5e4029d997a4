"""How long things are kept."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Retention:
    """How many days things are kept before the runner destroys them (law and advice of OSO)."""

    received: int = field(
        default=730,
        metadata={"help": "a received dossier after it was taken over or rejected", "least": 1},
    )
    unprocessed: int = field(
        default=365, metadata={"help": "a received dossier that nobody processed", "least": 1}
    )
    warning: int = field(
        default=90, metadata={"help": "that long before it is warned of such a dossier", "least": 1}
    )
    requests: int = field(
        default=183,
        metadata={"help": "a request that came in, after the last time it came", "least": 1},
    )
    orders: int = field(
        default=183, metadata={"help": "an order for which nothing came, after its end", "least": 1}
    )
    withdrawn: int = field(
        default=30,
        metadata={
            "help": "a prepared dossier that was withdrawn, replaced or made obsolete by the "
            "cut-over to another release",
            "least": 1,
        },
    )
    prepared: int = field(
        default=365,
        metadata={"help": "any other prepared dossier, after its last change", "least": 1},
    )
    jobs: int = field(
        default=30,
        metadata={
            "help": "a job of the JSON API that is done, with the references of its pupils",
            "least": 1,
        },
    )
    audit: int = field(default=1826, metadata={"help": "a line of the audit", "least": 1})
    clock_jump: int = field(
        default=45,
        metadata={
            "help": "when the clock is further ahead than this of when the adapter last looked, "
            "nothing is destroyed until a person has confirmed it",
            "least": 2,
        },
    )
