"""Text that is meant to harm, and a console whose terminal notices harm.

Every payload is what one file carries where it hurts: a display name, a
user part, a body. It is given as bytes, so that each test can put it into
another place. The terminal of Watched keeps every byte for a judge and acts
on all of them, as a real one would: a row that runs over the edge, a frame
with a hole and a separator out of line are seen.
"""

import glob
import os
import re
import urllib.parse

import pyte
from pyte.screens import wcwidth

from .phone import ROOT, program
from .proc import wait_until
from .term import Term

DATA = os.path.join(ROOT, "tests/data/text")
CORPUS = os.environ.get("OFFHOOK_CORPUS", "")
COLS, ROWS = 80, 24
SEPARATOR = 29          # column between the lists and the rest, at 80x24
PATIENCE = 20

# strings for the terminal itself, which pyte would print
STRING = re.compile(rb"\x1b[\]P^_][^\x07\x1b]*(\x07|\x1b\\)")
# where a sequence begins: an ESC that ends no string
BEGIN = re.compile(rb"\x1b[^\\]")


def carried(path):
    """What a file carries where it hurts."""
    with open(path, "rb") as f:
        data = f.read()
    head, _, body = data.partition(b"\r\n\r\n")
    name = os.path.basename(path)
    found = None
    if not name.endswith(".sip"):
        return data
    if name.startswith("disp-") or name.endswith("-disp.sip"):
        found = re.search(rb'\nFrom: "(.*?)" <sip:', head, re.S)
    elif name.startswith("uri-"):
        found = re.search(rb"\nFrom: <sip:(.*?)@", head, re.S)
        return urllib.parse.unquote_to_bytes(found[1]) if found else b""
    elif name.startswith("hdr-"):
        found = re.search(rb'"(x.*)"', head, re.S)
    elif "msg" in name:
        return body
    return found[1] if found else b""


def payloads():
    """All of them, each once; those of OFFHOOK_CORPUS where it is."""
    paths = glob.glob(f"{DATA}/*")
    for group in ("term", "utf8"):
        paths += glob.glob(os.path.join(CORPUS, group, "*")) if CORPUS \
            else []
    found = {}
    for path in sorted(paths):
        found.setdefault(carried(path)[:600], path)
    return [text for text in found if text]


def batches(texts, size):
    return [texts[i:i + size] for i in range(0, len(texts), size)]


class Edge(pyte.Screen):
    """A screen that notes what is written over its right edge: curses
    never lets a row run on."""

    def __init__(self, *args):
        super().__init__(*args)
        self.over = []

    def draw(self, data):
        for char in data:
            n = wcwidth(char)
            if n > 0 and self.cursor.x + n > self.columns:
                self.over.append((self.cursor.y, char))
            super().draw(char)


def frames(rows):
    """Boxes on the screen: (top, left, right)."""
    return [(y, m.start(), m.end() - 1) for y, row in enumerate(rows)
            for m in re.finditer("┌[^┌┐]*┐", row)]


class Watched(Term):
    """A console at 80x24."""

    def __init__(self, p, judge):
        super().__init__([program("offhook"), "--profile", p.profile], COLS,
                         ROWS, env=p.env())
        self.judge = judge
        self.screen = Edge(COLS, ROWS)
        self.stream = pyte.ByteStream(self.screen)
        self.drawn = self.judged = 0

    def whole(self, since):
        """What came since then up to the last whole sequence."""
        cut = max([since] + [since + m.start() for m in
                             BEGIN.finditer(self.data[since:])])
        return self.data[since:cut], cut

    def rows(self):
        """One letter a column: a wide one fills two."""
        buf = self.screen.buffer
        return ["".join(buf[y][x].data[:1] or " " for x in range(COLS))
                for y in range(ROWS)]

    def broken(self, separator):
        """What stands where it should not, or None."""
        rows = self.rows()
        covered = set()
        for top, left, right in frames(rows):
            y = top + 1
            covered.add(top)
            while y < ROWS and rows[y][left] != "└":
                if rows[y][left] != "│" or rows[y][right] != "│":
                    return f"frame, row {y}: {rows[y]}"
                covered.add(y)
                y += 1
            if y == ROWS or rows[y][right] != "┘":
                return f"frame's end, row {y}"
            covered.add(y)
        for y in range(1, ROWS - 2):
            if separator and y not in covered and \
                    rows[y][separator] != "│":
                return f"separator, row {y}: {rows[y]}"
        return None

    def draw(self):
        """Take what came."""
        self.read(0.03, 1)
        data, self.drawn = self.whole(self.drawn)
        self.stream.feed(STRING.sub(b"", data))

    def until(self, text):
        """Until it stands on the screen."""
        def there():
            self.draw()
            return any(text in row for row in self.screen.display)
        wait_until(there, PATIENCE, lambda: f"{text!r} on the screen:\n" +
                   "\n".join(self.screen.display))

    def look(self, what, separator=SEPARATOR):
        """Take what came, judge its bytes, and wait until the columns
        stand as they should."""
        def good():
            self.draw()
            return not self.broken(separator)
        wait_until(good, PATIENCE, lambda: f"columns, {what}: "
                   f"{self.broken(separator)}\n" + "\n".join(self.rows()))
        data, self.judged = self.whole(self.judged)
        try:
            self.judge(data)
        except AssertionError as e:
            raise AssertionError(f"{what}: {e}") from e
        assert not self.screen.over, \
            (what, self.screen.over, self.rows(), data[-3000:])

    def walk(self, key, times, what):
        """Press a key so often, and look each time."""
        for i in range(times):
            self.type(key)
            self.answer(0.03, 0.3)
            self.look(f"{what}, {key!r} {i}")
