"""Years of use: thousands of contacts, a hundred thousand calls."""

import os
import sqlite3

FIRST = ("Ada", "Bob", "Chloé", "Dieter", "Émile", "Fatma", "Günter", "Hana",
         "Иван", "Jun", "Kofi", "Lotte", "Маша", "Nils", "Øyvind", "Pablo",
         "Qiu", "Rosa", "Søren", "Tomáš", "Ulla", "Viktor", "Wanda", "Xenia",
         "Yan", "Zoë", "山田")
LAST = ("Miller", "Martin", "Novák", "Öztürk", "Петров", "Garcia", "Schmidt",
        "Tanaka", "Okafor", "Lindqvist", "O'Brien", "de Vries", "Kowalski")


def name(i):
    return f"{FIRST[i % len(FIRST)]} {LAST[i // 27 % len(LAST)]} {i}"


def uri(i):
    return f"sip:user{i}@pbx{i % 17}.example.org"


def fill(profile, contacts=5000, rows=100000):
    """Into the folders of a phone that does not run; it has run once."""
    folder = os.path.join(profile, "data/contacts")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for i in range(contacts):
        with open(f"{folder}/c{i}.vcf", "w", encoding="utf-8") as f:
            f.write(f"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:{name(i)}\r\n"
                    f"IMPP:{uri(i)}\r\nEND:VCARD\r\n")
    db = sqlite3.connect(os.path.join(profile, "data/offhook.db"))
    results = ("answered", "missed", "cancelled", "busy")
    with db:
        db.executemany(
            "INSERT INTO calls (account, peer_uri, peer_name, incoming, "
            "result, start, duration, codec, label, scode, reason, seen) "
            "VALUES ('alice@127.0.0.10:5060', ?, ?, ?, ?, ?, ?, 'opus', "
            "'hop', 200, '', 1)",
            ((uri(i % 7001), name(i % 7001), i % 2, results[i % 4],
              1600000000 + i * 1000, i % 900) for i in range(rows)))
    db.close()
