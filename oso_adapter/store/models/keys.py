"""Whether the keys belong to this store."""

from sqlalchemy.orm import Mapped, mapped_column

from oso_adapter.store.models.base import Base


class KeyCheck(Base):
    """One sealed constant: whether the keys belong to this store is known before anything else."""

    __tablename__ = "key_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
