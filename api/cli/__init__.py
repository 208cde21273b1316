"""The command line `creditgraph`: one module a command, and `run`, its entry."""

from api.cli.main import run

__all__ = ["run"]
