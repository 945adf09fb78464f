"""The event stream: bytes, numbers and the hash chained over them."""

import xxhash

from flowex.messages.enums import EVENTS_PAGE
from flowex.messages.events import Event


class EventStream:
    """Collects the events of a buffer of commands and hashes the stream, page by page.

    ``pages_hash`` = XXH3-64 of a page of 4096 bytes, seeded with the hash of the pages before it.
    """

    __slots__ = ("_records", "event_number", "page", "pages_hash")

    def __init__(self) -> None:
        """Make an empty stream."""
        self.event_number = 0
        self.pages_hash = 0
        self.page = b""
        self._records: list[bytes] = []

    @property
    def hash(self) -> int:
        """The hash of everything so far: the begun page counts as a short last page."""
        return xxhash.xxh3_64_intdigest(self.page, seed=self.pages_hash)

    def emit(self, event: Event) -> None:
        """Append an event."""
        self.event_number += 1
        record = event.pack()
        self._records.append(record)
        self.page += record
        while len(self.page) >= EVENTS_PAGE:
            page, self.page = self.page[:EVENTS_PAGE], self.page[EVENTS_PAGE:]
            self.pages_hash = xxhash.xxh3_64_intdigest(page, seed=self.pages_hash)

    def take(self) -> bytes:
        """Return the events since the last take."""
        taken = b"".join(self._records)
        self._records.clear()
        return taken


def client_id_hash(client_id: str) -> int:
    """Return the XXH3-64 by which a closed order's client id is remembered."""
    return xxhash.xxh3_64_intdigest(client_id.encode("latin-1"))
