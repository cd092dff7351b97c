"""The words of the trade: windows, subjects, snapshots, events, errors. Pure; all may import it."""
