"""`python -m harvester` is the same as `harvest`."""

from harvester.cli.app import main

if __name__ == "__main__":
    main()
