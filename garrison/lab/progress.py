"""What a lab command is doing or waiting for, on stderr; stdout is kept for results."""

import click


def say(text: str) -> None:
    """Print one line of progress."""
    click.echo(text, err=True)
