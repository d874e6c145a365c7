"""`python -m lpchat` is the command `lpchat`."""

from lpchat._command import main

if __name__ == "__main__":
    main()
