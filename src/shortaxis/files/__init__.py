"""How anything is put on disk whole: staged folders, write-then-rename, locks, SQLite, JSON."""
