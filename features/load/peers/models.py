"""The tables of `common` for SQLAlchemy, and sessions on them."""

from sqlalchemy import BigInteger, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from features.load.peers.common import Service


class Base(DeclarativeBase):
    """All tables."""


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str]
    email_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[int] = mapped_column(BigInteger)


class Product(Base):
    __tablename__ = "products"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str]
    product_id: Mapped[str]
    product_name: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str]
    created_at: Mapped[int] = mapped_column(BigInteger)


def sessions(service: Service) -> sessionmaker[Session]:
    """What makes sessions on the service's own database."""
    options = {"timeout": 1.5, "check_same_thread": False}
    engine = create_engine(f"sqlite:///{service.database}", pool_size=16, max_overflow=48, connect_args=options)

    @event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:
        for pragma in service.pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return sessionmaker(engine, expire_on_commit=False)
