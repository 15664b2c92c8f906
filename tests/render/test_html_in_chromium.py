"""The page in a real browser: with and without script, narrow, hostile and on paper."""

import re
import shutil
import subprocess
from html import escape

import pytest
from pypdf import PdfReader

from modecollapse.render.html import render
from tests.render.test_html import HOSTILE, PAGES, poisoned

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr"),
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")


@pytest.fixture
def browse(tmp_path):
    """Open a page with the given switches; what the browser prints. Its console must have what is expected alone."""

    def browsed(page, *switches, expected=None):
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        done = subprocess.run(
            [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *switches, (tmp_path / "page.html").as_uri()],
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=True,
        )
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        assert all(expected and expected in line for line in console), console
        assert bool(console) == bool(expected)
        return done.stdout

    return browsed


def with_script(page, script):
    """The page with a script of the test's own, which its policy would not let run."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    return page.replace("</body>", f"<script>{script}</script></body>")


def measured(browse, page, script, *switches):
    """What a JavaScript expression gives on the page."""
    return _title(browse(with_script(page, f"document.title = {script}"), "--dump-dom", *switches))


def _title(dumped):
    return re.search("<title>(.*?)</title>", dumped, re.S)[1]


TYPED = """
const given = document.getElementById("filter");
given.value = "OPENING thinned";
given.dispatchEvent(new Event("input"));
const shown = [...document.querySelectorAll("#modes tbody tr")].filter((row) => row.getClientRects().length);
document.title = document.getElementById("filtered").value + ": " + shown.map((row) => row.textContent).join();
"""


def framed(page, expression, sandbox=""):
    """A page that holds ``page`` in a frame of 400 pixels, and in its title what ``expression`` gives on it."""
    frame = f'<iframe {sandbox} width="400" height="800" srcdoc="{escape(page)}"></iframe>'
    script = f"""onload = () => {{
      const page = document.querySelector("iframe").contentDocument;
      document.title = {expression};
    }}"""
    return with_script(f"<!DOCTYPE html><title></title><body>{frame}</body>", script)


def test_table_is_whole_without_script(browse):
    rows = '[...page.querySelectorAll("#modes tbody tr, .filter")].map((row) => row.getClientRects().length)'
    framed_page = framed(render(PAGES["collapsed"]), rows, 'sandbox="allow-same-origin"')
    shown = _title(browse(framed_page, "--dump-dom", expected="Blocked script execution in 'about:srcdoc'"))
    assert shown.split(",") == ["0"] + ["1"] * 8  # no box to filter by, and all rows


def test_table_can_be_filtered(browse):
    count, rows = _title(browse(with_script(render(PAGES["collapsed"]), TYPED), "--dump-dom")).split(": ")
    assert count == "1 of 8" and "once upon a" in rows and "certainly" not in rows


def test_hostile_texts_run_nothing(browse):
    dumped = browse(render(poisoned(HOSTILE)), "--dump-dom", "--virtual-time-budget=2000")
    assert 'id="owned"' not in dumped.partition(">")[0] and '<html lang="en">' in dumped
    assert len(re.findall("<script", dumped)) == 1


def test_policy_stops_a_script_that_would_get_in(browse):
    """The second fence: even where a text were not escaped, the browser would not run it."""
    page = render(PAGES["lost"]).replace("</body>", "<script>document.documentElement.id = 'owned'</script></body>")
    dumped = browse(page, "--dump-dom", expected="violates the following Content Security Policy directive")
    assert '<html lang="en">' in dumped


def test_a_collapse_is_told_in_one_screenful(browse):
    bottom = 'document.querySelector(".culprit").getBoundingClientRect().bottom'
    assert float(measured(browse, render(PAGES["collapsed"]), bottom, "--window-size=1280,800")) <= 800


@pytest.mark.parametrize("name", ["collapsed", "mapped", "hostile"])
def test_nothing_sticks_out_of_a_narrow_window(browse, name):
    narrow = framed(render(PAGES[name]), "page.documentElement.scrollWidth")
    assert int(_title(browse(narrow, "--dump-dom"))) <= 400


def test_paper_has_what_is_folded_on_the_screen(browse, tmp_path):
    browse(render(PAGES["collapsed"]), f"--print-to-pdf={tmp_path / 'page.pdf'}")
    printed = " ".join(" ".join(page.extract_text() for page in PdfReader(tmp_path / "page.pdf").pages).split())
    assert "null: both corpora speak alike" in printed
    assert "Once upon a time" in printed
    assert "Only rows with" not in printed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_painted_in_the_readers_scheme(browse, scheme, tmp_path):
    switch = f"--blink-settings=preferredColorScheme={'0' if scheme == 'dark' else '1'}"
    paper = measured(browse, render(PAGES["mapped"]), "getComputedStyle(document.body).backgroundColor", switch)
    red, green, blue = map(int, re.findall(r"\d+", paper))
    assert (max(red, green, blue) < 60) if scheme == "dark" else (min(red, green, blue) > 240)
    browse(render(PAGES["mapped"]), switch, f"--screenshot={tmp_path / 'page.png'}", "--window-size=1280,2000")
    assert (tmp_path / "page.png").stat().st_size > 50_000  # a blank page has a tenth of it
