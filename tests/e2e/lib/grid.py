"""What `tmux capture-pane -e` gives, as a grid of cells with their looks.

A look is a tuple (foreground, background, attributes): a colour is None, a
number of the palette or "#rrggbb", attributes are a set of words. Wide
letters stand in their first cell, the second one is empty.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

ATTRIBUTES = {1: "bold", 2: "dim", 3: "italic", 4: "underline",
              5: "blink", 7: "reverse"}
OFF = {22: {"bold", "dim"}, 23: {"italic"}, 24: {"underline"},
       25: {"blink"}, 27: {"reverse"}}
TOKEN = re.compile(r"\x1b\[([0-9;:]*)m|\x1b[()]B|[\x0e\x0f]|([ -~]+)|(.)",
                   re.S)


class Look(NamedTuple):
    """How a cell looks."""
    fg: object = None
    bg: object = None
    attr: frozenset = frozenset()

    def words(self):
        """As it stands in a golden: "bold 230 on 24"."""
        out = sorted(self.attr)
        if self.fg is not None:
            out.append(str(self.fg))
        if self.bg is not None:
            out.append(f"on {self.bg}")
        return " ".join(out) or "plain"


class Cell(NamedTuple):
    """A letter with the marks above it, or "" behind a wide one."""
    text: str
    look: Look


@lru_cache(4096)
def columns(char):
    """Columns of one code point, as libc and tmux count them."""
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


@lru_cache(4096)
def recoloured(look, codes):
    """The look after an SGR sequence."""
    fg, bg, attr = look.fg, look.bg, set(look.attr)
    todo = [int(c or 0) for c in re.split("[;:]", codes)]
    while todo:
        n = todo.pop(0)
        if n == 0:
            fg, bg, attr = None, None, set()
        elif n in ATTRIBUTES:
            attr.add(ATTRIBUTES[n])
        elif n in OFF:
            attr -= OFF[n]
        elif n in (38, 48):
            if todo.pop(0) == 5:
                value = todo.pop(0)
            else:
                value = f"#{todo[0]:02x}{todo[1]:02x}{todo[2]:02x}"
                del todo[:3]
            fg, bg = (value, bg) if n == 38 else (fg, value)
        elif n == 39:
            fg = None
        elif n == 49:
            bg = None
        elif 30 <= n <= 37 or 90 <= n <= 97:
            fg = n - 30 if n < 90 else n - 82
        elif 40 <= n <= 47 or 100 <= n <= 107:
            bg = n - 40 if n < 100 else n - 92
    return Look(fg, bg, frozenset(attr))


def parsed(text):
    """Rows of cells."""
    rows, row, look = [], [], Look()
    for m in TOKEN.finditer(text):
        char = m[3]
        if m[1] is not None:
            look = recoloured(look, m[1])
        elif m[2] is not None:
            row.extend([Cell(c, look) for c in m[2]])
        elif char == "\n":
            rows.append(row)
            row = []
        elif char is not None and char >= " ":
            n = columns(char)
            if n == 0 and row:
                at = -1 if row[-1].text else -2
                row[at] = Cell(row[at].text + char, row[at].look)
            else:
                row.append(Cell(char, look))
                row.extend([Cell("", look)] * (n - 1))
    if row:
        rows.append(row)
    return rows
