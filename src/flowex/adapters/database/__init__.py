"""The database port on SQLite, and the upgrade of its tables; nothing here knows a table's meaning."""
