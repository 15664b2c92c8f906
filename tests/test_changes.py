"""Two releases apart: what was lost since, and what came back."""

import json
from dataclasses import replace

import pytest

from modecollapse import compare
from modecollapse.changes import difference
from modecollapse.cli import main
from modecollapse.config import Config
from modecollapse.report import ModeVerdict, Verdict
from tests.corpora import QUICK, sample, with_vectors
from tests.reports import ALL, facet, hostile, mode, report, steady, temperature


def release(**verdicts):
    """A report whose topics have these verdicts; None: not a mode."""
    modes = tuple(
        mode(name, verdict, 0.1, 0.0 if verdict in (ModeVerdict.VANISHED,) else 0.1, 0.1)
        for name, verdict in verdicts.items()
        if verdict is not None
    )
    lost = ModeVerdict.VANISHED in verdicts.values()
    topic = facet("topic", Verdict.LOST if lost else Verdict.UNCHANGED, "", modes=modes)
    return report(topic.verdict, "Said.", (*steady("language"), topic), temperature())


GONE, KEPT, OPEN = ModeVerdict.VANISHED, ModeVerdict.KEPT, ModeVerdict.UNDECIDED


def names(changes):
    return [change.finding for change in changes]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (KEPT, GONE, "lost_since"),
        (None, GONE, "lost_since"),
        (GONE, KEPT, "recovered_since"),
        (GONE, ModeVerdict.RECOVERED, "recovered_since"),
        (GONE, GONE, "still_lost"),
        (GONE, OPEN, "open"),
        (GONE, ModeVerdict.CHANGED, "open"),
        (GONE, None, "open"),
        (GONE, ModeVerdict.UNDETECTABLE, "open"),
        (KEPT, KEPT, None),
    ],
)
def test_each_mode_stands_in_its_place_alone(before, after, told):
    found = difference(release(sea=after, sun=KEPT), release(sea=before, sun=KEPT))
    places = ("lost_since", "recovered_since", "still_lost", "risen_since", "open")
    assert {place: names(getattr(found, place)) for place in places} == {
        place: ["topic:sea"] if place == told else [] for place in places
    }


def test_a_part_of_what_was_lost_before_is_not_lost_since():
    """Which granularities a loss shows at is chance; what is lost beyond it is news."""

    def lost(*modes):
        return report(Verdict.LOST, "Said.", (facet("topic", Verdict.LOST, "", modes=modes),), temperature())

    sea, part = mode("sea", GONE, 0.2, 0.0, 0.2), mode("ships", GONE, 0.1, 0.0, 0.1, within="sea")
    assert names(difference(lost(sea, part), lost(sea)).lost_since) == []
    assert names(difference(lost(sea, replace(part, within=None)), lost(sea)).lost_since) == ["topic:ships"]


def test_what_took_over_is_told():
    found = difference(ALL["collapsed"](), ALL["unchanged"]())
    assert names(found.risen_since) == ["opening:it-s-a-difficult-question"]
    assert names(found.lost_since) == ["opening:certainly", "opening:once-upon-a"]
    assert (found.before, found.after) == (Verdict.UNCHANGED, Verdict.COLLAPSED)
    assert names(difference(ALL["unchanged"](), ALL["collapsed"]()).risen_since) == []


def test_a_report_against_itself_has_nothing_to_tell():
    found = difference(ALL["collapsed"](), ALL["collapsed"]())
    assert not found.lost_since
    assert not found.recovered_since
    assert not found.risen_since
    assert all(change.before is change.after for change in found.facets)


def test_another_base_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    before = ALL["unchanged"]()
    corpora = replace(before.corpora, base=replace(before.corpora.base, sha256="1" * 64))
    (tmp_path / "before.json").write_text(replace(before, corpora=corpora).to_json(), encoding="utf-8")
    (tmp_path / "after.json").write_text(ALL["collapsed"]().to_json(), encoding="utf-8")
    assert main(["show", "after.json", "--against", "before.json"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("2 modes lost since and 0 recovered since: the earlier report is unchanged, this one coll")
    assert "different bases" in shown
    assert main(["show", "after.json", "--against", "before.json", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)["difference"]
    assert document["same_base"] is False
    assert [change["finding"] for change in document["lost_since"]] == ["opening:certainly", "opening:once-upon-a"]
    assert main(["show", "after.json", "--against", "before.json", "-o", "x.json"]) == 2


def test_hostile_texts_stay_texts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.json").write_text(hostile("\x1b[2J[red]\u202e").to_json(), encoding="utf-8")
    (tmp_path / "good.json").write_text(ALL["unchanged"]().to_json(), encoding="utf-8")
    for pair in (["evil.json", "good.json"], ["good.json", "evil.json"]):
        assert main(["show", pair[0], "--against", pair[1], "--all"]) == 0
        assert not {"\x1b", "\u202e"} & set(capsys.readouterr().out)


def test_a_facet_that_is_compared_for_the_first_time_lost_nothing_since():
    after = release(sea=GONE)
    before = replace(after, facets=tuple(each for each in after.facets if each.name != "topic"))
    found = difference(after, before)
    assert names(found.newly_compared) == ["topic:sea"]
    assert not found.lost_since


@pytest.fixture(scope="module")
def releases():
    """Two very different new corpora on one base, with embeddings of their own."""
    base, *others = with_vectors(sample("base"), sample("sharpened"), sample("opening_locked"))
    config = replace(QUICK, facets=("topic", "persona"), gate=Config().gate)
    return [compare(base, new, config=config) for new in others]


@pytest.mark.parametrize(("facet", "least"), [("topic", 0.8), ("persona", 0.6)])
def test_stable_modes_of_the_base_keep_their_ids_from_release_to_release(releases, facet, least):
    """Accepted losses are kept by id, and two releases are compared by it."""
    one, other = ({m.id: m for each in r.facets if each.name == facet for m in each.modes} for r in releases)
    steady_modes = [m for m in one.values() if m.verdict is not ModeVerdict.UNSTABLE and m.base_share.value >= 0.02]
    kept = sum(m.base_share.value for m in steady_modes if m.id in other)
    assert kept >= least * sum(m.base_share.value for m in steady_modes) > 0
