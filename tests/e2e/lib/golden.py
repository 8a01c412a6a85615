"""A golden: what a screen says, and below it how each cell of it looks.

The rows of the screen come first, then a row "--", then as many rows of
letters, a letter for each column, nothing where it is plain. What a letter
means stands in looks.txt, a line for all goldens together: its look with
256, 16 and 8 colours, on a console of Linux, which has no underlining where
there is colour, and with none. So a text that changes is a changed
text, a colour that changes is one changed line, and a colour in the wrong
place is a letter in the wrong place, in every tier of colours at once.
"""

import glob
import os
import re
import string
from functools import lru_cache

from .grid import Look, columns, recoloured

TIERS = ["256", "16", "8", "linux", "mono"]
LETTERS = (string.ascii_letters + string.digits +
           "".join(map(chr, range(0x3b1, 0x3ca))) +
           "".join(map(chr, range(0x430, 0x450))))
# the theme that suits the terminal, in the settings and in the wizard
CHOSEN = re.compile(r"(?<= theme)( +)(?:dark|mono)")
MARKED = re.compile(r"\([* ]\)(?= (?:dark|mono)\b)")
TURNED = re.compile("< (?:dark|mono) >  [35]/5")
SGR = re.compile("(\x1b\\[[0-9;:]*m|\x1b[()]B|[\x0e\x0f])")
PLAIN = (Look(),) * len(TIERS)


@lru_cache(4096)
def bare(look):
    """What is to be seen of a look where there is only a blank: which
    colour a blank would be written in depends on how one came there."""
    attr = look.attr & {"underline", "reverse"}
    return Look(look.fg, None, attr) if "reverse" in attr else \
        Look(None, look.bg, attr)


def shown(raw, rows):
    """What was captured: rows of text, and the look of each cell. A row ends
    with the last letter that was written: what stands behind a line that
    was cleared in a colour is not told."""
    look = Look()
    texts, looks = [], []
    for line in (raw.split("\n") + [""] * rows)[:rows]:
        text, row = "", []
        for piece in SGR.split(line):
            if piece.startswith("\x1b"):
                if piece[-1] == "m":
                    look = recoloured(look, piece[2:-1])
                continue
            text += piece
            blank = bare(look)
            for c in piece:
                row.extend([blank if c == " " else look] *
                           (1 if c < "\x7f" else columns(c)))
        text = CHOSEN.sub(r"\1----", text.rstrip())
        text = TURNED.sub("< ---- >  -/5", text)
        texts.append(MARKED.sub("(-)", text))
        looks.append(row)
    return texts, looks


def look_of(words):
    """The other way round."""
    fg = bg = None
    attr = set()
    todo = [] if words == "plain" else words.split()
    while todo:
        word = todo.pop(0)
        if word == "on":
            bg = colour(todo.pop(0))
        elif word[0].isdigit() or word[0] == "#":
            fg = colour(word)
        else:
            attr.add(word)
    return Look(fg, bg, frozenset(attr))


def colour(word):
    return word if word[0] == "#" else int(word)


class Legend:
    """looks.txt: a letter, its look in each tier, and what it is for."""

    def __init__(self, path):
        self.path = path
        self.looks, self.notes = {}, {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                for line in f.read().splitlines()[1:]:
                    letter, *looks, note = map(str.strip, line.split("|"))
                    self.looks[letter] = tuple(map(look_of, looks))
                    self.notes[letter] = note
        self.letters = {looks: a for a, looks in self.looks.items()}

    def letter(self, looks):
        """The letter of these looks, a new one if there is none yet."""
        if looks == PLAIN:
            return " "
        if looks not in self.letters:
            free = next(a for a in LETTERS if a not in self.looks)
            self.looks[free], self.letters[looks] = looks, free
        return self.letters[looks]

    def used(self):
        """Letters that stand in some golden."""
        found = set()
        for path in glob.glob(f"{os.path.dirname(self.path)}/*/*x*/*.txt"):
            with open(path, encoding="utf-8") as f:
                found |= set(f.read().split("\n--\n")[1])
        return found - {" ", "\n"}

    def write(self):
        """Letters that no golden has any more go."""
        used = self.used()
        self.looks = {a: looks for a, looks in self.looks.items()
                      if a in used}
        head = ["", *TIERS, "what for"]
        rows = [head] + [[a, *(look.words() for look in self.looks[a]),
                          self.notes.get(a, "")]
                         for a in LETTERS if a in used]
        wide = [max(len(r[i]) for r in rows) for i in range(len(head))]
        with open(self.path, "w", encoding="utf-8") as f:
            for row in rows:
                f.write(" | ".join(w.ljust(n) for w, n in zip(row, wide))
                        .rstrip() + "\n")


class Golden:
    """A file of it."""

    def __init__(self, path, rows, legend):
        self.path, self.rows, self.legend = path, rows, legend
        self.texts, self.letters = [], []
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
            if lines[rows:rows + 1] == ["--"]:
                self.texts = lines[:rows]
                self.letters = lines[rows + 1:2 * rows + 1]
        self.expected, self.good = {}, set()

    def looks(self, tier):
        """Rows of looks in this tier, as shown() gives them."""
        if tier not in self.expected:
            n = TIERS.index(tier)
            look = {a: looks[n] for a, looks in self.legend.looks.items()}
            look[" "] = Look()
            self.expected[tier] = [
                [bare(look[a]) if c == " " else look[a]
                 for c, a in zip(columns_of(text, len(row)), row)]
                for text, row in zip(self.texts, self.letters)]
        return self.expected[tier]

    def fits(self, raw, tier):
        """Is this what is to be shown?"""
        if (raw, tier) not in self.good:
            texts, looks = shown(raw, self.rows)
            if texts != self.texts or any(
                    padded(want, len(got))[:len(got)] != got
                    for want, got in zip(self.looks(tier), looks)):
                return False
            self.good.add((raw, tier))
        return True

    def differences(self, raw, tier):
        """What is shown and should not be, in words."""
        texts, looks = shown(raw, self.rows)
        if not self.texts:
            return ["there is no such golden"]
        out = []
        for was, now in zip(self.texts, texts):
            if was != now:
                out += [f"-{was}", f"+{now}"]
        for y, (want, got) in enumerate(zip(self.looks(tier), looks)):
            out += differences(y, columns_of(texts[y], len(got)),
                               padded(want, len(got)), got)
        return out

    def write(self, raws):
        """The text, and the letters for what each tier shows. A tier that
        does not tell how a row ends has it like the one before."""
        found = [shown(raw, self.rows) for raw in raws]
        self.texts = found[0][0]
        for texts, _ in found:
            assert texts == self.texts, (self.path, [
                pair for pair in zip(self.texts, texts)
                if pair[0] != pair[1]])
        self.letters = []
        for y, text in enumerate(self.texts):
            n = max(len(looks[y]) for _, looks in found)
            lines = [padded(found[0][1][y], n)]
            for _, looks in found[1:]:
                lines.append(looks[y] + lines[-1][len(looks[y]):])
            self.letters.append("".join(map(self.legend.letter, joined(
                list(zip(*lines)), columns_of(text, n)))).rstrip())
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, "w", encoding="utf-8") as f:
            f.write("\n".join([*self.texts, "--", *self.letters]) + "\n")


def columns_of(text, n):
    """What stands in each of n columns."""
    row = []
    for c in text:
        wide = 1 if c < "\x7f" else columns(c)
        row.extend([c, ""][:wide])
    return padded(row, n, " ")


def joined(row, cells):
    """Blanks between words of one look are of that look too, if that makes
    no difference."""
    row, x = list(row), 0
    while x < len(row):
        end = x
        while end < len(row) and cells[end] == " ":
            end += 1
        if 0 < x < end < len(row) and row[x - 1] == row[end] and \
                all(tuple(map(bare, row[end])) == row[i]
                    for i in range(x, end)):
            row[x:end] = [row[end]] * (end - x)
        x = end + 1
    return row


def differences(y, cells, want, got):
    """In words, what is alike side by side as one."""
    bad = [x for x in range(len(got)) if want[x] != got[x]]
    out = []
    while bad:
        begin = end = bad.pop(0)
        while bad and bad[0] == end + 1 and (want[end + 1], got[end + 1]) == \
                (want[begin], got[begin]):
            end = bad.pop(0)
        out.append(f" row {y}, {begin}-{end} "
                   f"{''.join(cells[begin:end + 1])!r}: "
                   f"{got[begin].words()}, not {want[begin].words()}")
    return out


def padded(row, n, fill=Look()):
    return row + [fill] * (n - len(row))
