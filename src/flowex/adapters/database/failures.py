"""What goes wrong in SQLite and SQLAlchemy, in the words of the port."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_ERROR

from sqlalchemy import exc

from flowex.ports.database import DatabaseDown, DatabaseRefused


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's exceptions into DatabaseDown and DatabaseRefused."""
    try:
        yield
    except exc.OperationalError as error:
        code = getattr(error.orig, "sqlite_errorcode", None)
        kind = DatabaseRefused if code == SQLITE_ERROR else DatabaseDown
        raise kind(str(error.orig)) from error
    except exc.DBAPIError as error:
        raise DatabaseRefused(str(error.orig)) from error
