"""``python -m garrison.lab``: the lab's commands without the rest of Garrison."""

from garrison.lab.cli import main

main()
