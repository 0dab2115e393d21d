"""``python -m shortaxis``."""

from shortaxis.cli.main import main

if __name__ == "__main__":
    main()
