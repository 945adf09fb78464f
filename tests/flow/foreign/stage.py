"""What a scene plays on: a client in several hands, and what the exchange says it serves."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

STRANGER = "x" * 64
"""A key of the right form that nobody has."""


class Refused(NamedTuple):
    """What a client made of a refusal."""

    code: int
    text: str
    kind: str
    """The class of the client's exception."""


class Watched:
    """A client of which it is noted what is called."""

    def __init__(self, client: Any, driven: set[str]) -> None:
        """Note the names of called functions in ``driven``."""
        self._client = client
        self._driven = driven

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._client, name)
        if callable(value):
            self._driven.add(name)
        return value


class Hand(ABC):
    """A foreign client in one person's hand."""

    name: ClassVar[str]
    functions: ClassVar[Mapping[str, str]]
    """The client's function for each of the contract's rows that it maps."""

    def __init__(self, client: Any, driven: set[str], kinds: set[str]) -> None:
        """Hold a client; ``kinds`` collects the classes of its exceptions."""
        self.raw = client
        self.client: Any = Watched(client, driven)
        self.kinds = kinds

    @classmethod
    @abstractmethod
    def make(cls, url: str, key: str, secret: str) -> Any:
        """Return the client."""

    @abstractmethod
    def ask(self, label: str, /, **parameters: Any) -> Any:
        """Call the client's function for a row, with the contract's parameters."""

    @abstractmethod
    def read_refusal(self, error: Exception) -> Refused:
        """Return what a client's exception says; whatever else it is, it is raised again."""

    @abstractmethod
    def shifted(self, milliseconds: int) -> AbstractContextManager[None]:
        """Make the client's clock wrong by that much, for a while."""

    def can_send(self, label: str, parameters: Mapping[str, Any]) -> bool:
        """Whether the client lets these parameters out."""
        return True

    def close(self) -> None:
        """End the client, if there is anything to end."""
        return

    @classmethod
    def finish(cls) -> None:
        """End what all hands share, if there is anything."""
        return

    def refused(self, code: int | tuple[int, ...], label: str, /, **parameters: Any) -> Refused:
        """Ask, and see that it is refused with this code; a client may not even let it out."""
        if not self.can_send(label, parameters):
            return Refused(0, "", "")
        return self.fails(code, lambda: self.ask(label, **parameters))

    def fails(self, code: int | tuple[int, ...], act: Callable[[], Any]) -> Refused:
        """Act, and see that it is refused with this code, or one of these."""
        try:
            answer = act()
        except Exception as error:  # noqa: BLE001 - which class it is, is what is tried
            refused = self.read_refusal(error)
            self.kinds.add(refused.kind)
            codes = (code,) if isinstance(code, int) else code
            assert refused.code in codes, f"{code} was due: {refused}"
            return refused
        raise AssertionError(f"{code} was due, and there came {answer!r}")


@dataclass
class Stage:
    """One client, its people, and the exchange before them."""

    kind: type[Hand]
    url: str
    keys: Mapping[str, tuple[str, str]]
    served: frozenset[str]
    """Labels of rows, and the features that exchangeInfo announces."""
    filters: Mapping[str, Mapping[str, Any]]
    """The filters of BTCUSDT and of the whole exchange, by name."""
    driven: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    notes: dict[str, Any] = field(default_factory=dict)
    """What one scene leaves for a later one."""
    _hands: dict[tuple[str, str], Hand] = field(default_factory=dict)

    def hand(self, key: str, secret: str) -> Hand:
        """Return the client with a key, the same one every time."""
        known = self._hands.get((key, secret))
        if known is None:
            client = self.kind.make(self.url, key, secret)
            known = self._hands[key, secret] = self.kind(client, self.driven, self.kinds)
        return known

    @property
    def alice(self) -> Hand:
        """One who trades."""
        return self.hand(*self.keys["alice"])

    @property
    def bob(self) -> Hand:
        """The other."""
        return self.hand(*self.keys["bob"])

    @property
    def stranger(self) -> Hand:
        """Somebody with a key of the right form that the exchange does not know."""
        return self.hand(STRANGER, "secret")

    @property
    def forger(self) -> Hand:
        """Somebody with alice's key, but not her secret."""
        return self.hand(self.keys["alice"][0], "secret")

    @property
    def bungler(self) -> Hand:
        """Somebody whose key cannot be one."""
        return self.hand("x", "secret")

    def close(self) -> None:
        """End all clients."""
        for hand in self._hands.values():
            hand.close()
        self.kind.finish()


class Scene(NamedTuple):
    """One act of clients on an exchange."""

    name: str
    rows: tuple[str, ...]
    """The rows it asks; a client that does not map one of them does not play."""
    needs: tuple[str, ...]
    """Features that must be announced."""
    act: Callable[[Stage], None]

    def wanting(self, served: Iterable[str]) -> list[str]:
        """Return what is not served of what it needs."""
        return [need for need in (*self.rows, *self.needs) if need not in served]


class Scenes:
    """Scenes in the order they are written down."""

    def __init__(self) -> None:
        """Start with none."""
        self.all: list[Scene] = []

    def __call__(self, *rows: str, needs: tuple[str, ...] = ()) -> Callable[..., Any]:
        """Take a function in as a scene; it is named by its words."""

        def take(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
            self.all.append(Scene(act.__name__, rows, needs, act))
            return act

        return take
