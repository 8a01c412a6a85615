"""The console in Russian: chosen by the locale, and nothing overflows."""

import os
import shutil
import subprocess

import pytest

from lib.phone import program
from lib.proc import wait_until

pytestmark = pytest.mark.needs("tmux")

SIZES = [(80, 24), (120, 40), (60, 16)]
BAR = ["? Помощь", "d Набор", "Enter Вызов", "i Чат", "/ Поиск", ": Команда",
       "Tab Панель", "Q Выход"]
BAR_CALL = ["b Отбой", "m Микр.", "x Удерж", "v Сверка", "M-4 0-9 DTMF",
            "i Чат", "Tab Панель", "? Помощь"]


@pytest.fixture
def russian(box):
    """Environment of a Russian: the locale needs no generating, for all
    that counts here is its name and that it is UTF-8."""
    base = "/usr/lib/locale/C.utf8"
    if not os.path.isdir(base):
        pytest.skip("no C.utf8 locale to make one of")
    for name in ("C.utf8", "ru_RU.utf8"):
        shutil.copytree(base, f"{box}/locale/{name}", dirs_exist_ok=True)
    return {"LOCPATH": f"{box}/locale", "LC_ALL": "ru_RU.UTF-8",
            "LANGUAGE": ""}


@pytest.fixture
def desk(phone, voices, box, tmux, russian):
    def make(cols, rows):
        a = phone("alice", "127.0.0.10",
                  source=f"file,{voices('one', 8000)}",
                  sink=f"file,{box}/alice.wav")
        b = phone("bob", "127.0.0.11",
                  source=f"file,{voices('two', 8000)}",
                  sink=f"file,{box}/bob.wav")
        a.direct("alice")
        b.direct("bob", auto_answer=True)
        a.rpc("contact.add", name="Bob Miller", uris=[b.uri("bob")])
        t = tmux([program("offhook"), "--profile", a.profile], cols, rows,
                 env={**a.env(), **russian})
        t.wait_text("Bob Miller")
        return a, b, t
    return make


def shell(p, russian, *args):
    return subprocess.run([program("offhook"), "--profile", p.profile, *args],
                          env={**os.environ, **p.env(), **russian},
                          capture_output=True, text=True, timeout=30,
                          check=False)


def bar(t, hints):
    """The key bar shows these, as many as fit, each of them whole."""
    fit, at = [], 0
    for hint in hints:
        at += len(hint) + 2
        if at > t.cols:
            break
        fit.append(hint)
    want = " " + "  ".join(fit)
    wait_until(lambda: want in [x.rstrip() for x in t.lines()], 10,
               lambda: f"{want!r} at the bottom:\n{t.screen()}")


def whole(t, title, *texts):
    """An overlay whose frame is whole and that holds these texts."""
    screen = t.wait_text("┌─ " + title)
    for text in texts:
        screen = t.wait_text(text)
    lines = screen.split("\n")
    assert max(len(x) for x in lines) <= t.cols, screen
    top = next(i for i, x in enumerate(lines) if "┌─" in x)
    left, right = lines[top].index("┌"), lines[top].rindex("┐")
    for line in lines[top + 1:]:
        if line[left:left + 1] == "└":
            assert line[right] == "┘", screen
            return
        assert line[left] == "│" and line[right] == "│", screen
    raise AssertionError(screen)


def leave(t, title):
    t.keys("Escape")
    t.wait_gone("┌─ " + title)


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_every_screen_in_russian(desk, size):
    """Tiles, help, settings, a call, its words, questions, the wizard; the
    keys by a Russian keyboard."""
    a, b, t = desk(*size)
    for word in ("Контакты", "Журнал", "Чат", "Вызов", "напрямую"):
        t.wait_text(word)
    bar(t, BAR)

    t.keys("?")
    whole(t, "Справка: панель «Контакты»", "Списки", "в начало, в конец",
          "ввод ищет  Enter выполнит  Esc")
    t.type("перехватить")
    whole(t, "Справка: панель «Контакты»", "перехватить вызов",
          "/перехватить")
    leave(t, "Справка")
    t.type("щ")                         # on the key of o
    whole(t, "Настройки", "аккаунт: Enter покажет его поля",
          "ввод ищет, Enter меняет, Esc закрывает")
    t.keys("Enter")
    whole(t, "Аккаунт", "SIP-адрес", "например alice@example.org")
    leave(t, "Аккаунт")
    leave(t, "Настройки")

    t.keys("Enter")
    call = a.wait_call(None, "established", timeout=20,
                       want=lambda c: c["sas"])
    bar(t, BAR_CALL)
    t.keys("M-4")
    t.wait_text("РАЗГОВОР")
    for text in ("сквозное, не сверено   v сверить",
                 f"слова  {call['sas_words']}", "мик ["):
        t.wait_text(text)
    t.type("м")                         # v
    whole(t, "Сверка слов", "Прочтите вслух и слушайте тот же ответ:",
          "y  да, сверено     n  НЕТ, кто-то слушает", "l  позже")
    t.type("д")                         # l
    t.wait_gone("┌─ Сверка слов")
    t.type("Й")                         # Q
    whole(t, "Выход", "Идёт вызов. Оставить телефон работать?",
          "y  да: вызов продолжится", "Esc  остаться")
    leave(t, "Выход")
    t.type("и")                         # b
    a.wait_call(call["id"], "ended")
    t.wait_text("окончен через")
    t.wait_text("Вы положили трубку")

    t.keys(":")
    t.type("account new")
    t.keys("Enter")
    whole(t, "Новый аккаунт", "Шаг 1 из 4: кто вы", "[ Далее ]  [ Позже ]")
    t.type("al@127.0.0.99")
    t.keys("Tab", "Tab", "Tab", "Enter")
    whole(t, "Новый аккаунт", "Шаг 2 из 4: сервер", "(*) по DNS",
          "[ Назад ]  [ Далее ]  [ Проверка регистрации ]",
          "IP-адрес сам себе сервер")


def test_cyrillic_stays_text_where_one_types(desk):
    a, b, t = desk(80, 24)
    t.keys("/")
    t.wait_text("Поиск:")
    t.type("ищу")
    t.wait_text("Поиск: ищу")
    t.wait_text("никто не подходит")
    t.keys("Escape")
    t.wait_text("Bob Miller")


def test_the_shell_speaks_russian_to_people_only(phone, russian):
    p = phone("alice", "127.0.0.10")
    p.direct("alice")
    assert "напрямую" in shell(p, russian, "status").stdout
    assert '"direct"' in shell(p, russian, "--json", "status").stdout
    assert shell(p, russian, "status", "--format", "%s").stdout == "direct\n"
    run = shell(p, russian, "call", "nobody at all")
    assert run.returncode == 1
    assert "Прямому вызову нужен адрес, например" in run.stderr
    run = shell(p, russian, "config", "set", "call.ring", "many")
    assert "call.ring: должно быть от 5 до 600 секунд" in run.stderr
    run = shell(p, russian, "нет")
    assert run.returncode == 2 and "нет команды" in run.stderr
    lines = subprocess.run(
        [program("offhook"), "--profile", p.profile, "--linear"],
        input="help call\n", env={**os.environ, **p.env(), **russian},
        capture_output=True, text=True, timeout=30, check=False).stdout
    assert "позвонить контакту, по адресу или номеру" in lines, lines


def test_which_language(phone, russian):
    """A locale that was never generated is understood; a language without
    a catalogue is English, without a word about it."""
    p = phone("alice", "127.0.0.10")

    def said(**env):
        run = shell(p, {**russian, **env}, "calls")
        assert run.stderr == "", run.stderr
        return run.stdout
    assert said(LC_ALL="ru_UA.UTF-8") == "вызовов нет\n"
    assert said(LC_ALL="", LANG="ru_RU.UTF-8") == "вызовов нет\n"
    assert said(LC_ALL="C.UTF-8", LANGUAGE="de") == "no call\n"
    assert said(LC_ALL="de_DE.UTF-8") == "no call\n"
    assert said(LC_ALL="C", LANGUAGE="ru") == "no call\n"
