"""svg.py: a captured screen as a picture, SVG without a script or a font.

Every cell has its place in a grid, whatever font the viewer has: a piece of
text says where it begins and how long it is, a wide letter is a piece of
its own. Lines of boxes are not letters here but strokes from cell to cell,
so that they join.
"""

import re
from html import escape

CELL_W, CELL_H, SIZE = 8.4, 18, 14
BASE = 13               # of the text, below the top of its row
PAD, BAR = 14, 30       # around the screen; what stands above it
FONT = ("ui-monospace,'DejaVu Sans Mono','SF Mono',Menlo,Consolas,"
        "'Liberation Mono',monospace")

# A terminal's own colours: foreground, background, frame, caption, palette
SIXTEEN = ["#2e3436", "#d75f5f", "#5faf5f", "#d7af5f", "#5f87d7", "#af87d7",
           "#5fafaf", "#d0d0d0", "#626262", "#ff8787", "#87d787", "#ffd75f",
           "#87afff", "#d7afff", "#87d7d7", "#ffffff"]
DARK = ("#d0d0d0", "#16181c", "#3a3f4a", "#8a8f99")
LIGHT = ("#262626", "#fcfcfa", "#c8c8c4", "#76767a")

# Which ways the lines of a letter go: left, right, up, down
BOXES = {"─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu",
         "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru", "┼": "lrud"}


def number(value):
    return f"{round(value, 1):g}"


def colour(value, default):
    """A colour of the capture as CSS says it."""
    if value is None:
        return default
    if isinstance(value, str):
        return value
    if value < 16:
        return SIXTEEN[value]
    if value >= 232:
        return "#" + f"{8 + 10 * (value - 232):02x}" * 3
    value -= 16
    return "#" + "".join(f"{55 + 40 * n if n else 0:02x}" for n in
                         (value // 36, value // 6 % 6, value % 6))


def joined(pieces):
    """Strokes that touch are one: {(across): [(from, to)]}."""
    out = []
    for at, spans in pieces.items():
        done = []
        for a, b in sorted(spans):
            if done and a <= done[-1][1] + 0.01:
                done[-1][1] = max(b, done[-1][1])
            else:
                done.append([a, b])
        out += [(at, a, b) for a, b in done]
    return out


class Picture:
    """Collects what is drawn; whole() is the file."""

    def __init__(self, cols, rows, title, scheme=DARK):
        self.fg, self.bg, self.frame, self.faint = scheme
        self.title = title
        self.width = cols * CELL_W + 2 * PAD
        self.height = rows * CELL_H + PAD + BAR + PAD // 2
        self.back, self.text = {}, []
        self.strokes = {}       # colour: ({y: spans}, {x: spans})
        self.classes = {}       # how a text looks: its class

    def x(self, column):
        return PAD + column * CELL_W

    def y(self, row):
        return BAR + PAD // 2 + row * CELL_H

    def pair(self, look):
        """The two colours of a look."""
        fg, bg = colour(look.fg, self.fg), colour(look.bg, self.bg)
        return (bg, fg) if "reverse" in look.attr else (fg, bg)

    def style(self, look):
        css = f"fill:{self.pair(look)[0]}"
        if "bold" in look.attr:
            css += ";font-weight:bold"
        if "italic" in look.attr:
            css += ";font-style:italic"
        if "dim" in look.attr:
            css += ";opacity:.6"
        return self.classes.setdefault(css, f"t{len(self.classes)}")

    def stroke(self, look, ways, column, row):
        """The lines of a box that go through a cell, to its edges."""
        flat, tall = self.strokes.setdefault(self.pair(look)[0], ({}, {}))
        left, top = self.x(column), self.y(row)
        mid, half = left + CELL_W / 2, top + CELL_H / 2
        for way, spans, at, a, b in (
                ("l", flat, half, left, mid),
                ("r", flat, half, mid, left + CELL_W),
                ("u", tall, mid, top, half),
                ("d", tall, mid, half, top + CELL_H)):
            if way in ways:
                spans.setdefault(number(at), []).append((a, b))

    def words(self, look, text, column, row, cells):
        """A piece of text that is so many cells wide."""
        long = f' textLength="{number(cells * CELL_W)}"' if cells > 1 else ""
        self.text.append(
            f'<text class="{self.style(look)}" x="{number(self.x(column))}" '
            f'y="{number(self.y(row) + BASE)}"{long}>{escape(text, False)}'
            "</text>")

    def run(self, look, cells, column, row):
        """Cells of one look, beside one another."""
        fg, bg = self.pair(look)
        if bg != self.bg:
            self.back.setdefault((row, bg), []).append(
                (self.x(column), self.x(column + len(cells))))
        if "underline" in look.attr:
            self.strokes.setdefault(fg, ({}, {}))[0].setdefault(
                number(self.y(row) + BASE + 2.5), []).append(
                    (self.x(column), self.x(column + len(cells))))

        # One column a letter, so that a match says where it stands; what
        # is not a plain letter is drawn by itself
        flat = "".join("\0" if len(c.text) != 1 or c.text in BOXES or
                       i + 1 < len(cells) and not cells[i + 1].text
                       else c.text for i, c in enumerate(cells))
        for m in re.finditer(r"[^\s\0]+(?: [^\s\0]+)*", flat):
            self.words(look, m[0], column + m.start(), row, len(m[0]))
        for i, cell in enumerate(cells):
            if cell.text in BOXES:
                self.stroke(look, BOXES[cell.text], column + i, row)
            elif flat[i] == "\0" and cell.text:
                wide = i + 1 < len(cells) and not cells[i + 1].text
                self.words(look, cell.text, column + i, row, 1 + wide)

    def grounds(self):
        """One rectangle for what lies side by side in one colour."""
        return [f'<rect x="{number(a)}" y="{self.y(row)}" '
                f'width="{number(b - a)}" height="{CELL_H}" fill="{bg}"/>'
                for (row, bg), a, b in joined(self.back)]

    def whole(self):
        css = "".join(f".{name}{{{what}}}" for what, name in
                      self.classes.items())
        paths = []
        for ink, (flat, tall) in self.strokes.items():
            d = [f"M{number(a)} {at}H{number(b)}" for at, a, b in
                 joined(flat)]
            d += [f"M{at} {number(a)}V{number(b)}" for at, a, b in
                  joined(tall)]
            paths.append(f'<path stroke="{ink}" stroke-width="1.2" '
                         f'd="{"".join(d)}"/>')
        w, h = number(self.width), number(self.height)
        dots = "".join(f'<circle cx="{x}" cy="{BAR // 2}" r="5" '
                       f'fill="{self.frame}"/>' for x in (18, 35, 52))
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" '
            f'width="{w}" height="{h}" role="img">',
            f"<title>{escape(self.title, False)}</title>",
            f"<style>text{{font:{SIZE}px {FONT};white-space:pre}}{css}"
            "</style>",
            f'<rect x=".5" y=".5" width="{number(self.width - 1)}" '
            f'height="{number(self.height - 1)}" rx="9" fill="{self.bg}" '
            f'stroke="{self.frame}"/>', dots,
            f'<text x="{number(self.width / 2)}" y="{BAR // 2 + 5}" '
            f'text-anchor="middle" fill="{self.faint}">'
            f"{escape(self.title, False)}</text>",
            '<g shape-rendering="crispEdges">', *self.grounds(), "</g>",
            *self.text, *paths, "</svg>", ""])


def drawn(rows, cols, title, scheme=DARK, cursor=None):
    """The picture of a parsed capture; cursor is (column, row) or None."""
    picture = Picture(cols, len(rows), title, scheme)
    for y, row in enumerate(rows):
        begin = 0
        looks = [c.look for c in row]
        if cursor and cursor[1] == y and cursor[0] < len(row):
            looks[cursor[0]] = looks[cursor[0]]._replace(
                attr=looks[cursor[0]].attr ^ {"reverse"})
        for x in range(1, len(row) + 1):
            if x == len(row) or looks[x] != looks[begin]:
                picture.run(looks[begin], row[begin:x], begin, y)
                begin = x
    return picture.whole()
