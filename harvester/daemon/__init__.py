"""The daemon: keeps the facts of all accounts fresh, for as long as it runs."""
