"""One page of HTML that can be passed on as it is: its pictures are inside."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import jinja2
from matplotlib.figure import Figure

TEMPLATE = Path(__file__).with_name("page.html")


@dataclass(frozen=True)
class Picture:
    """A chart inside the page."""

    name: str
    """Also of its PNG."""
    png: bytes
    """The PNG."""

    @property
    def base64(self) -> str:
        """The PNG as text, for the page."""
        return base64.b64encode(self.png).decode()


@dataclass(frozen=True)
class Section:
    """One part of the page."""

    title: str
    """Its heading."""
    pictures: list[Picture]
    """Below one another."""
    table: str = ""
    """HTML, unfolded by a click."""
    note: str = ""
    """What to click on."""
    open: bool = False
    """Whether the table is unfolded from the beginning."""


@dataclass(frozen=True)
class Page:
    """All of it."""

    title: str
    """Its heading."""
    facts: str
    """Where it comes from, in a line."""
    command: str
    """What made it."""
    results: str
    """A table of HTML, first of all."""
    sections: list[Section]
    """What follows."""

    def html(self) -> str:
        """The page."""
        template = jinja2.Environment(autoescape=True).from_string(TEMPLATE.read_text("utf-8"))
        text: str = template.render(
            title=self.title,
            facts=self.facts,
            command=self.command,
            results=self.results,
            sections=self.sections,
        )
        return text


def picture(name: str, figure: Figure) -> Picture:
    """The chart as PNG."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return Picture(name, buffer.getvalue())
