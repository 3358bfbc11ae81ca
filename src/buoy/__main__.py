"""Lets `python -m buoy` be the same as the `buoy` command."""

from buoy.cli import main

if __name__ == "__main__":
    main()
