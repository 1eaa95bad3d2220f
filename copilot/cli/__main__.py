"""``python -m copilot.cli`` is the ``copilot`` script."""

from copilot.cli.main import main

main()
