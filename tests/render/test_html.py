"""The page as a strict parser reads it: what is on it, and what hostile text can't put there."""

import base64
import hashlib
import math
import re
from dataclasses import replace
from itertools import pairwise

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modecollapse.cli import main
from modecollapse.render import story
from modecollapse.render.html import render
from modecollapse.report import CorpusMap, Estimate, MapPoints, ModeVerdict, SkippedRow, Verdict
from tests.reports import ALL, facet, hostile, mode, temperature

HOSTILE = (
    "</script></title></style><script>document.documentElement.id = 'owned'</script>"
    "<img src=x onerror=\"document.documentElement.id = 'owned'\">\"'><svg/onload=alert(1)> "
    "{{ 7 * 7 }} {% raw %} &amp; --> <!-- ]]> javascript:alert(1) "
    "\x1b[31m\x07\x00\r\n\t\u202eevil\u2066\ud800\u200b\ufffe\U0010ffff"
)
SVG = "{http://www.w3.org/2000/svg}"


def parsed(page):
    """The page's elements; raises where it breaks a rule of the HTML standard."""
    return html5lib.HTMLParser(strict=True, tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False).parse(
        page
    )


def text(element):
    return " ".join("".join(element.itertext()).split())


def mapped(report, name="opening"):
    """``report`` with a map of three texts a side: the second mode, the first, and one that no list names."""
    modes = next(each for each in report.facets if each.name == name).modes
    points = MapPoints((0, 400, 1000), (10, 20, 800), (1, 0, 7))
    return replace(report, map=CorpusMap(name, [mode.id for mode in modes[:2]], 1000, 800, points, points))


def poisoned(text):
    """A report with ``text`` wherever a corpus, a file or a person can put some."""
    report = hostile(text)
    return mapped(replace(report, config={text: text}, provenance={text: [text]}), report.facets[0].name)


PAGES = {**{name: ALL[name]() for name in ALL}, "mapped": mapped(ALL["collapsed"]()), "hostile": poisoned(HOSTILE)}


@pytest.fixture(scope="module", params=list(PAGES))
def report(request):
    return PAGES[request.param]


@pytest.fixture(scope="module")
def page(report):
    return parsed(render(report))


def skeleton(page):
    """Every element with its attributes; only what a picture is called may differ with the report's texts."""
    return [
        (element.tag, sorted((name, "" if name == "aria-label" else value) for name, value in element.attrib.items()))
        for element in parsed(page).iter()
    ]


def test_verdict_and_gate_stand_first_in_words(report, page):
    assert report.verdict.value in text(page.find(".//h1")).lower()
    assert f"Gate: {report.gate.outcome.value}." in text(page.find(".//header"))


def test_hostile_text_is_text_and_nothing_else():
    assert skeleton(render(poisoned(HOSTILE))) == skeleton(render(poisoned("x")))


def test_hostile_text_is_shown():
    page = parsed(render(poisoned(HOSTILE)))
    for place in (page.find(".//h1"), page.find(".//title"), page.find(".//blockquote")):
        assert "<img src=x onerror=" in text(place)
        assert r"\x1b[31m\x07\x00" in text(place)
        assert r"\u202eevil\u2066\ud800\u200b\ufffe\U0010ffff" in text(place)


@settings(max_examples=40)
@given(st.text(st.characters(), min_size=1, max_size=40).filter(str.strip))
def test_no_text_breaks_the_page(given_text):
    page = render(poisoned(given_text))
    page.encode("utf-8")
    assert skeleton(page) == skeleton(render(poisoned("x")))


def test_nothing_is_fetched(page):
    ids = {element.get("id") for element in page.iter()}
    for element in page.iter():
        assert element.tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "srcset", "action", "poster", "data", "style"} & element.attrib.keys()
        assert not [name for name in element.attrib if str(name).startswith("on")]
        if "href" in element.attrib:
            assert element.get("href")[0] == "#" and element.get("href")[1:] in ids
    assert not re.search(r"url\(|@import|https?:", text(page.find(".//style")) + text(page.find(".//script")))


def test_policy_allows_this_style_and_script_alone(page):
    (policy,) = (meta.get("content") for meta in page.iter("meta") if meta.get("http-equiv"))
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for tag in ("style", "script"):
        (element,) = page.iter(tag)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_headings_skip_no_level(page):
    levels = [int(element.tag[1]) for element in page.iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_pictures_and_tables_have_words(page):
    assert page.get("lang") == "en"
    for picture in page.iter(f"{SVG}svg"):
        assert picture.get("aria-hidden") == "true" or (picture.get("role") == "img" and picture.get("aria-label"))
    for heading in page.iter("th"):
        assert heading.get("scope") in ("row", "col")
    assert page.find(".//table[@id='modes']/caption") is not None
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_every_mode_is_in_the_table_with_its_numbers():
    report = PAGES["collapsed"]
    rows = parsed(render(report)).findall(".//table[@id='modes']/tbody/tr")
    shown = sorted([text(cell) for cell in row] for row in rows)
    assert shown == sorted(
        [
            each.name,
            mode.label,
            story.percent(mode.base_share.value),
            story.percent(mode.new_share.value),
            story.share(mode.predicted_share),
            str(mode.prompts_affected or ""),
            mode.verdict.value,
            mode.id,
        ]
        for each in report.facets
        for mode in each.modes
    )
    assert ["opening", "certainly!", "35%", "0.4%", "41% (38–44%)", "23", "vanished", "certainly"] in shown


def test_reheated_and_elicited_shares_have_columns_where_there_are_such_corpora():
    report = PAGES["lost"]
    corpora = replace(report.corpora, reheated=report.corpora.new)
    heads = [
        text(cell) for cell in parsed(render(replace(report, corpora=corpora))).find(".//table[@id='modes']/thead/tr")
    ]
    assert "reheated" in heads and "elicited" not in heads


def rows(page):
    """The rows of the pictures of shares: label, then the drawing."""
    for row in page.iter("li"):
        if row.get("class") == "row":
            yield text(row.find("bdi")), row.find(f"{SVG}svg")


def share_at(position):
    """The share at a position of an axis on which distance grows with the root of the share."""
    return (float(position.rstrip("%")) / 100) ** 2


def test_marks_stand_at_the_shares():
    report = PAGES["collapsed"]
    modes = {mode.label: mode for each in report.facets for mode in each.modes}
    drawn = dict(rows(parsed(render(report))))
    assert {"it's a difficult question.", "certainly!", "once upon a"} <= drawn.keys()
    for label, picture in drawn.items():
        mode = modes[label]
        at = {dot.get("class"): share_at(dot.get("cx")) for dot in picture.iter(f"{SVG}circle")}
        assert at == pytest.approx({"base": mode.base_share.value, "new": mode.new_share.value}, abs=1e-3)
        band = picture.find(f"{SVG}rect")
        if mode.predicted_share is None:
            assert band is None
            continue
        ends = [float(band.get(name).rstrip("%")) for name in ("x", "width")]
        assert [share_at(str(ends[0])), share_at(str(sum(ends)))] == pytest.approx(
            mode.predicted_share.interval, abs=1e-3
        )


def test_gravest_mode_is_drawn_first_and_a_follower_told_briefly():
    drawn = [label for label, _ in rows(parsed(render(PAGES["collapsed"])))]
    at = drawn.index("it's a difficult question.")
    assert drawn[at : at + 4] == [
        *("it's a difficult question.", "certainly!", "once upon a"),
        "question · answer · depends",  # of the topic, which follows from the opening
    ]


def test_what_took_over_stands_on_top_with_texts_of_both_sides():
    page = parsed(render(PAGES["collapsed"]))
    card = page.find(".//section[@class='culprit rise']")
    assert "it's a difficult question." in text(card.find("h2"))
    assert text(card).count("It's a difficult question. On the one hand") == 1
    assert "no text of this mode" in text(card)
    order = [element for element in page.iter() if element.tag in ("h2", "h3")]
    assert order.index(card.find("h2")) == 1  # after the facets, before everything else


def test_texts_that_are_not_at_hand_are_not_called_absent():
    """A baseline holds counts and no texts."""
    fallen = mode("sea", ModeVerdict.VANISHED, 0.3, 0, 0.3)
    report = replace(PAGES["lost"], facets=(facet("topic", Verdict.LOST, "", modes=(fallen,)),))
    card = parsed(render(report)).find(".//section[@class='culprit loss']")
    assert [text(side) for side in card.iter("figure")] == ["base no text to show", "new no text of this mode"]


def test_a_mode_from_nowhere_is_shown_with_what_gave_way():
    gone = mode(
        "certainly!", ModeVerdict.VANISHED, 0.35, 0, 0.4, texts=("Certainly! Here", None), displaced_by="it-s-new"
    )
    took = mode("it's new", ModeVerdict.EMERGED, 0, 0.8, 0, texts=(None, "It's new here"))
    report = replace(PAGES["lost"], facets=(facet("opening", Verdict.LOST, "", modes=(gone, took)),))
    card = parsed(render(report)).find(".//section[@class='culprit rise']")
    assert [text(quote) for quote in card.iter("blockquote")] == ["Certainly! Here", "It's new here"]


def test_without_a_culprit_the_next_step_and_the_temperature_are_on_top():
    page = parsed(render(PAGES["sharpened"]))
    assert [text(element) for element in page.iter("h2")][:4] == ["Facets", "Next", "Temperature", "Shares of modes"]


def axis(report):
    picture = next(svg for svg in parsed(render(report)).iter(f"{SVG}svg") if svg.get("class") == "temperature")
    marks = {
        float(label.text.split()[0]): float(label.get("x").rstrip("%"))
        for label in picture.iter(f"{SVG}text")
        if label.text[0].isdigit()
    }
    line = next(line for line in picture.iter(f"{SVG}line") if line.get("class") == "interval")
    ends = [float(line.get(name).rstrip("%")) for name in ("x1", "x2")]
    return marks, ends, float(picture.find(f"{SVG}circle").get("cx").rstrip("%"))


@pytest.mark.parametrize(
    ("value", "low", "high"), [(1.43, 1.31, 1.57), (0.7, 0.6, 0.8), (6.0, 3.0, 9.0), (0.2, 0.1, 0.3)]
)
def test_temperature_stands_at_its_place_on_a_logarithmic_axis(value, low, high):
    marks, ends, dot = axis(replace(PAGES["unchanged"], temperature=temperature(value, low, high)))
    per_log = (marks[2] - marks[1]) / math.log(2)
    for where, beta in [
        (dot, value),
        *zip(ends, (low, high), strict=True),
        *((at, mark) for mark, at in marks.items()),
    ]:
        assert where == pytest.approx(marks[1] + per_log * math.log(beta), abs=0.05)
        assert 0 <= where <= 100


def test_temperature_in_words():
    def words(*given):
        return text(parsed(render(replace(PAGES["unchanged"], temperature=temperature(*given)))).find("body"))

    assert "cooler. In its openings the new model is like the base sampled at T = 0.70" in words(1.43, 1.31, 1.57)
    assert "hotter. In its openings the new model is like the base sampled at T = 1.43" in words(0.7, 0.6, 0.8)
    assert "neither cooler nor hotter for sure" in words(1.02, 0.95, 1.09)
    assert "neither cooler nor hotter for sure" in words(1.2, None, None)


def test_lower_bound_of_the_temperature_is_drawn_as_one():
    given = temperature(1.95, 1.7, None, recovery_temperature=Estimate(1.95, (1.7, None)))
    report = replace(PAGES["unchanged"], temperature=given)
    assert axis(report)[1][1] == 100
    assert "and beyond" in text(parsed(render(report)).find("body"))
    assert "(at least 1.70)" in text(parsed(render(report)).find("body"))


def test_no_temperature_is_a_sentence_and_no_picture():
    told = temperature(None, notes=("The openings did not move as any temperature moves them.",))
    page = parsed(render(replace(PAGES["collapsed"], temperature=told)))
    assert "did not move as any temperature" in text(page.find(".//main"))
    assert not [svg for svg in page.iter(f"{SVG}svg") if svg.get("class") == "temperature"]


def test_map_has_every_text_on_its_side():
    page = parsed(render(PAGES["mapped"]))
    for side in ("base", "new"):
        panel = page.find(f".//figure[@class='panel {side}']")
        assert len(list(panel.iter(f"{SVG}circle"))) == 3
        assert text(panel.find("figcaption")) == f"{side}, 3 texts"
        clouds = {cloud.get("class"): cloud for cloud in panel.iter(f"{SVG}g")}
        assert set(clouds) == {"cloud mode-0", "cloud mode-1", "cloud mode-2"}
        # The mode that changed most is number 1; y grows upwards on the map and downwards on the page.
        (dot,) = clouds["cloud mode-1"]
        assert (dot.get("cx"), dot.get("cy")) == ("400", "780")
    legend = text(page.find(".//div[@class='map']/table"))
    assert "1 it's a difficult question. 0% → 85% 2 certainly! 35% → 0.4% all others" in legend


def test_no_map_no_section():
    assert "Map" not in [text(element) for element in parsed(render(PAGES["collapsed"])).iter("a")]


def test_example_keeps_its_lines():
    page = render(PAGES["collapsed"])
    assert "many people believe that\nthe answer depends" in page


def test_details_hold_tests_skipped_lines_settings_and_provenance():
    page = parsed(render(PAGES["collapsed"]))
    folded = page.findall(".//section")[-1]
    for piece in ("null: both corpora speak alike", "new.jsonl:9: not JSON", "/data/base.jsonl", "0" * 64):
        assert piece in text(folded)
    settings = [[text(cell) for cell in row] for row in folded.iter("tr")]
    assert ["tolerance", "0.05"] in settings and ["samples per prompt", "min: 60, median: 60, max: 60"] in settings
    assert "skipped-lines" in text(page.find(".//main"))


def test_many_skipped_lines_do_not_swell_the_page():
    report = PAGES["collapsed"]
    new = replace(report.corpora.new, skipped=[SkippedRow(line, "not JSON") for line in range(1500)])
    page = text(parsed(render(replace(report, corpora=replace(report.corpora, new=new)))))
    assert "and 1,300 more, all of them in the JSON" in page
    assert page.count("not JSON") == 200


def test_same_report_same_page(report):
    assert render(report) == render(report)


def _luminance(color):
    digits = color.lstrip("#")
    digits = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_words_can_be_read_in_either_scheme_and_on_paper():
    """WCAG 2.2, 1.4.3: a contrast of 4.5 to 1 for text."""
    style = parsed(render(PAGES["lost"])).find(".//style").text
    schemes = [dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(schemes) == 3
    for scheme in schemes:
        for ink in ("ink", "dim", "loss", "rise", "heat", "calm", "open", "plain"):
            for paper in ("paper", "panel"):
                light, dark = sorted((_luminance(scheme[ink]), _luminance(scheme[paper])), reverse=True)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, paper, scheme)


def test_the_command_line_writes_and_prints_the_page(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.json").write_text(PAGES["lost"].to_json(), encoding="utf-8")
    assert main(["show", "report.json", "--format", "html", "-o", "report.html"]) == 0
    assert capsys.readouterr().out == (tmp_path / "report.html").read_text(encoding="utf-8") == render(PAGES["lost"])
