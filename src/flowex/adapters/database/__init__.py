"""The database port on SQLite, and the upgrade of tables; nothing here knows what a table means."""
