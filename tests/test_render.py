import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from modecollapse.render.escape import for_terminal, one_line
from modecollapse.render.formats import FORMATS, TERMINAL, show
from modecollapse.render.next_steps import next_steps
from modecollapse.render.screen import View
from modecollapse.render.terminal import render, render_gate
from modecollapse.report import Estimate, Evidence, ModeVerdict, SamplesWanted, Use, Verdict
from tests.reports import ALL, CERTAINLY, facet, hostile, mode, steady

PIPED = View()
NARROW = View(width=80)
COLOR = re.compile(r"\x1b\[[\d;]*m")


@pytest.mark.parametrize(
    ("headline", "first"),
    [
        ("One opening took over: 85%.", "Collapsed: One opening took over: 85%."),
        ("Collapsed: one opening took over.", "Collapsed: one opening took over."),
        ("", "Collapsed:"),
    ],
)
def test_first_line_is_the_verdict_in_words(headline, first):
    assert render(replace(ALL["collapsed"](), headline=headline), PIPED).splitlines()[0] == first


def test_second_line_is_evidence_and_temperature():
    assert render(ALL["sharpened"](), PIPED).splitlines()[1] == (
        "Evidence: the texts alone. Inverse temperature 1.43 (95% interval 1.31–1.57). "
        "Temperature explains 94% of the change."
    )
    assert "can't be estimated" in render(ALL["inconclusive"](), PIPED).splitlines()[1]
    told = replace(ALL["inconclusive"]().temperature, notes=("Too few prompts.",))
    unknown = render(replace(ALL["inconclusive"](), temperature=told), PIPED)
    assert unknown.splitlines()[1] == "Evidence: the texts alone. Too few prompts."


def test_every_facet_has_its_row():
    lines = render(ALL["lost"](), PIPED).splitlines()
    row = next(line for line in lines if line.startswith("topic "))
    assert re.search(r"topic +lost +21\.4 → 15\.8 +«sea · sailors · ocean» is gone", row)
    for name in ("language", "persona", "opening", "degeneration"):
        assert any(re.match(rf"{name} +unchanged", line) for line in lines)


def test_caused_facet_stands_beneath_its_cause():
    lines = render(ALL["collapsed"](), PIPED).splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("opening "))
    assert lines[at + 1].startswith("└ topic")
    assert "(follows from opening “it's a difficult question.”)" in lines[at + 1]


def test_causes_in_a_circle_lose_no_facet():
    report = ALL["lost"]()
    round_about = (
        facet("topic", Verdict.LOST, "Alpha.", caused_by="opening:x"),
        facet("opening", Verdict.LOST, "Beta.", caused_by="topic:y"),
        facet("persona", Verdict.LOST, "Gamma.", caused_by="persona:z"),
    )
    text = render(replace(report, facets=round_about), PIPED)
    assert [text.count(word) for word in ("Alpha", "Beta", "Gamma")] == [1, 1, 1]


def test_changed_modes_with_shares_prediction_and_examples():
    text = render(ALL["collapsed"](), PIPED)
    assert re.search(r"certainly! +35% → 0\.4% +41% \(38–44%\) +23 +vanished", text)
    assert f"base  {CERTAINLY}" in text
    assert "new   It's a difficult question. On the one hand" in text
    assert "here is" not in text  # kept


def test_all_shows_the_rest():
    text = render(ALL["collapsed"](), View(every_mode=True))
    assert re.search(r"here is +5\.0% → 5\.0%", text)
    assert "question · answer · depends" in text  # follows from the opening: counted, not listed, without --all
    assert "question · answer · depends" not in render(ALL["collapsed"](), PIPED)
    assert "topic: 1 changed mode beneath opening" in render(ALL["collapsed"](), PIPED)


def test_gravest_modes_first_and_none_dropped_in_silence():
    modes = tuple(mode(f"m{size:02}", ModeVerdict.THINNED, size / 100, 0, size / 100) for size in range(1, 11))
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, "thin", modes=modes),))
    text = render(report, PIPED)
    assert re.findall(r"m\d\d", text) == ["m10", "m09", "m08", "m07", "m06", "m05"]
    assert "topic: 4 changed modes (4 with smaller changes) not listed (--all)" in text
    assert len(re.findall(r"m\d\d", render(report, View(every_mode=True)))) == 10


def test_displaced_modes_are_counted_and_not_listed():
    took = mode("the winner", ModeVerdict.EMERGED, 0, 0.8)
    made_room = mode("made room", ModeVerdict.VANISHED, 0.3, 0.0, 0.3, displaced_by="the-winner")
    report = replace(ALL["lost"](), facets=(facet("opening", Verdict.COLLAPSED, "", modes=(made_room, took)),))
    text = render(report, PIPED)
    assert "the winner" in text
    assert "made room" not in text
    assert "opening: 1 changed mode (1 displaced by another) not listed (--all)" in text
    assert "made room" in render(report, View(every_mode=True))


def test_parts_of_a_loss_are_counted_and_not_listed():
    sea = mode("the sea", ModeVerdict.VANISHED, 0.2, 0.0, 0.2)
    ships = mode("all ships", ModeVerdict.VANISHED, 0.1, 0.0, 0.1, within="the-sea")
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, "", modes=(ships, sea)),))
    text = render(report, PIPED)
    assert "the sea" in text
    assert "all ships" not in text
    assert "topic: 1 changed mode (1 within a larger one) not listed (--all)" in text


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_width_is_respected_and_words_stay_whole(name, width):
    report = ALL[name]()
    text = render(report, View(width=width))
    assert max(map(cell_len, text.splitlines())) <= width
    for each in report.facets:
        assert re.search(rf"{each.name} +{each.verdict.value} ", text)


def test_nothing_is_cut_when_piped():
    long = "a headline that goes on " * 40 + "to its end."
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, long),))
    assert long in render(report, PIPED)


def test_colour_never_carries_meaning_alone():
    report = ALL["collapsed"]()
    colored = render(report, View(width=80, color=True))
    assert COLOR.search(colored)
    assert re.sub(r" +$", "", COLOR.sub("", colored), flags=re.M) == render(report, NARROW)


def test_next_steps():
    def steps(name):
        return " ".join(next_steps(ALL[name]()))

    assert steps("unchanged") == ""
    assert "T = 1.43 (1.31–1.57)" in steps("sharpened")
    assert "no retraining" in steps("sharpened")
    assert "--reheated" in steps("lost")
    assert "Draw about 40 samples per prompt on each side: enough to judge topic and opening." in steps("inconclusive")
    assert "at several temperatures" in steps("inconclusive")


def test_nobody_is_told_to_draw_thousands_of_samples_of_a_prompt():
    report = ALL["inconclusive"]()
    many = [replace(facet, samples_needed=facet.samples_needed and 23_912) for facet in report.facets]
    steps = " ".join(next_steps(replace(report, facets=many)))
    assert "more prompts" in steps
    assert "samples per prompt on each side" not in steps


def test_few_prompts_are_advised_to_become_more():
    report = ALL["inconclusive"]()
    few = replace(report, corpora=replace(report.corpora, base=replace(report.corpora.base, prompts=19)))
    assert "on each side (better: as many texts over more prompts): enough" in " ".join(next_steps(few))


def test_reheated_is_not_asked_for_twice():
    report = ALL["lost"]()
    assert next_steps(replace(report, temperature=replace(report.temperature, evidence=Evidence.REHEATED))) == []


def test_reheated_shares_have_their_column():
    back = mode("sea", ModeVerdict.RECOVERED, 0.1, 0.0, 0.08)
    back = replace(back, reheated_share=back.base_share)
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.SHARPENED, "back", modes=(back,)),))
    assert re.search(r"topic +base → new +predicted +reheated +verdict", render(report, NARROW))
    assert "reheated " not in render(ALL["lost"](), NARROW)


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0, "0%"),
        (0.0004, "<0.1%"),
        (0.0532, "5.3%"),
        (0.0996, "10%"),
        (0.85, "85%"),
        (0.996, "99.6%"),
        (0.99996, ">99.9%"),
        (1, "100%"),
    ],
)
def test_shares_never_round_to_all_or_nothing(share, shown):
    one = mode("label", ModeVerdict.THINNED, 0.5, share)
    report = replace(ALL["lost"](), facets=(facet("topic", Verdict.LOST, "", modes=(one,)),))
    assert f"50% → {shown} " in render(report, PIPED)


def test_details_tell_tests_and_skipped_lines():
    text = render(ALL["collapsed"](), View(details=True))
    assert "opening permutation_test: p 0.0005, null: both corpora speak alike" in text
    assert "new.jsonl:9: not JSON" in text


def test_gate_in_words():
    assert render_gate(ALL["lost"]()) == "Gate: fail. Facet topic is lost.\n"
    assert render(ALL["lost"](), PIPED).endswith("Gate: fail. Facet topic is lost.\n")


def test_report_of_nothing():
    bare = replace(ALL["unchanged"](), facets=(), warnings=())
    assert render(bare, NARROW)
    no_numbers = replace(facet("topic", Verdict.INCONCLUSIVE, ""), effective_modes=None)
    assert "topic" in render(replace(bare, facets=(no_numbers, *steady("opening"))), NARROW)


@pytest.mark.parametrize(
    "character",
    [
        *("\x00", "\x07", "\b", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9b", "\xad"),
        *("\u061c", "\u200b", "\u200f", "\u2028", "\u202e", "\u2066", "\ufeff", "\ud800", "\udfff", "\U000e0041"),
    ],
)
def test_hidden_characters_are_spelled_out(character):
    shown = for_terminal(f"a{character}b")
    assert shown.isprintable()
    assert shown == "a" + character.encode("unicode_escape").decode() + "b"


@pytest.mark.parametrize(
    "text", ["naïve “quotes” – 海 · नमस्ते", "می\u200cخواهم", "👩\u200d🔬 [bold]x[/] :smile: ::error::"]
)
def test_readable_text_stays(text):
    assert for_terminal(text) == text


def test_example_is_one_line():
    assert one_line(" a\n\nb\t c\x1b ") == "a b c\\x1b"


def is_harmless(text):
    return all(
        c == "\n" or c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in text
    )


HOSTILE = (
    "[bold red]x[/] [/] :smile: [link=http://x]\x1b]0;title\x07\x1b[2J\x9b31m\u202eevil\u2066\ud800\r\n\x08\x00\u200b"
)


@pytest.mark.parametrize("view", [PIPED, NARROW, View(width=80, color=True, every_mode=True, details=True)])
def test_hostile_text_reaches_no_terminal(view):
    text = COLOR.sub("", render(hostile(HOSTILE), view)) if view.color else render(hostile(HOSTILE), view)
    assert is_harmless(text)
    assert "[bold red]x[/] [/] :smile:" in text  # shown, not obeyed
    assert is_harmless(render_gate(hostile(HOSTILE)))


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=40))
def test_no_text_breaks_the_report(text):
    assert is_harmless(render(hostile(text), NARROW))


@pytest.mark.parametrize("form", [TERMINAL, *FORMATS])
def test_samples_that_would_settle_it_are_asked_for(form):
    rungs = [SamplesWanted(Use.LADDER, "base", Estimate(t), 20, 24, ["topic"]) for t in (0.6, 0.8)]
    hot = SamplesWanted(Use.REHEATED, "new", Estimate(1.2, (1.1, 1.4)), 30, 24, ["topic"])
    report = replace(ALL["inconclusive"](), samples_wanted=[*rungs, hot])
    assert show(report, form)  # every format says it, or leaves it out
    steps = " ".join(next_steps(report))
    assert "Draw about 20 samples per prompt of the base model at T = 0.60 and 0.80, added to the base's file" in steps
    assert "Or draw about 30 samples per prompt of the new model at T = 1.20 (1.10–1.40), passed by --reheated" in steps


def test_second_line_says_what_better_evidence_settled():
    report = ALL["lost"]()
    facets = [replace(each, evidence=Evidence.LADDER) if each.name == "topic" else each for each in report.facets]
    line = render(replace(report, facets=facets), View()).splitlines()[1]
    assert line.startswith("Evidence: the texts alone; for topic, the base at several temperatures.")
