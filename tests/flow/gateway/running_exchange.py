"""What a test knows of a running exchange."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """A demo account's key."""

    api_key: str
    api_secret: str


@dataclass(frozen=True)
class Running:
    """Where the exchange is, and the people who may trade there."""

    url: str
    people: dict[str, Person]

    @property
    def sockets(self) -> str:
        """The same address for WebSockets."""
        return self.url.replace("http://", "ws://", 1)
