"""One loss is one finding, at however many granularities it shows; none of another's makes it pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from modecollapse import nesting
from modecollapse.findings import findings, may_have_lost
from modecollapse.gating import evaluate
from modecollapse.nesting import within
from modecollapse.policy import Policy
from modecollapse.render.story import culprit, told
from modecollapse.report import (
    AcceptedLoss,
    Estimate,
    Evidence,
    FacetReport,
    ModeReport,
    ModeVerdict,
    Outcome,
    Temperature,
    Verdict,
)
from modecollapse.reporting.wording import facet_headline, headline
from tests.reports import ALL, facet, mode

UNKNOWN = Temperature(None, (None, None), Evidence.TEXT, None, None)
GONE, THIN, CAME = ModeVerdict.VANISHED, ModeVerdict.THINNED, ModeVerdict.EMERGED


def topics(*modes: ModeReport, reasons: tuple[str, ...] = ("vanished",)) -> FacetReport:
    return replace(facet("topic", Verdict.LOST, "", modes=modes), reasons=reasons)


def outcome(found: FacetReport, *accepted: str) -> Outcome:
    others = tuple(facet(name, Verdict.UNCHANGED, "") for name in ("language", "opening"))
    losses = tuple(AcceptedLoss(name, "meant", "2026-01-31") for name in accepted)
    return evaluate(Verdict.LOST, (*others, found), Policy(accepted_losses=losses)).outcome


def test_which_mode_holds_which_is_the_same_however_many_rows_are_counted_at_a_time(monkeypatch):
    """Mode 2 lies in 0 but for one row in ten, mode 3 half in either of 0 and 1."""
    rows = [(0, 2)] * 18 + [(1, 2)] * 2 + [(0, 3)] * 5 + [(1, 3)] * 5
    labels = np.array(rows, dtype=np.int32)
    expected = [-1, -1, 0, -1]
    assert within(labels, 4).tolist() == expected
    monkeypatch.setattr(nesting, "_BLOCK", 7)
    assert within(labels, 4).tolist() == expected


def test_a_part_of_what_vanished_is_no_finding_of_its_own():
    found = topics(mode("sea", GONE, 0.14, 0.0), mode("ships", GONE, 0.05, 0.0, within="sea"))
    assert findings(found) == ["topic:sea"]


def test_what_vanished_within_a_mode_that_only_thinned_out_is_a_finding():
    found = topics(mode("nature", THIN, 0.6, 0.3), mode("sea", GONE, 0.1, 0.0, within="nature"))
    assert findings(found) == ["topic:nature", "topic:sea"]
    assert outcome(found, "topic:nature") is Outcome.FAIL


def test_what_took_over_within_a_mode_that_grew_less_is_a_finding():
    grown = mode("thought", ModeVerdict.AMPLIFIED, 0.2, 0.6)
    awareness = mode("awareness", ModeVerdict.AMPLIFIED, 0.01, 0.4, within="thought")
    assert findings(topics(grown, awareness, reasons=("taken-over",))) == ["topic:thought", "topic:awareness"]


def test_a_mode_that_only_changed_hides_no_loss_within_it():
    """Whatever the one that holds it did, what makes the facet fail is shown, and shown first."""
    nature = mode("nature", ModeVerdict.CHANGED, 0.46, 0.05, 0.4)
    found = topics(nature, mode("sea", THIN, 0.1, 0.015, 0.09, within="nature"), reasons=("thinned",))
    report = replace(ALL["lost"](), facets=(found,))
    assert [each.label for each in told(found, report).modes] == ["sea", "nature"]
    assert culprit(report)[1].label == "sea"


def test_what_makes_a_facet_lost_is_named_before_what_only_changed():
    modes = [mode("fallen", ModeVerdict.CHANGED, 0.46, 0.18), mode("gone", GONE, 0.1, 0.0)]
    assert facet_headline("topic", Verdict.LOST, ["vanished"], modes).startswith("“gone”")
    assert facet_headline("topic", Verdict.LOST, ["replaced"], modes).startswith("“gone”")
    assert "fallen" not in facet_headline("topic", Verdict.SHIFTED, [], modes[:1])
    assert facet_headline("topic", Verdict.INCONCLUSIVE, ["temperature-unknown"], modes[:1]).startswith(
        "“fallen” 46% → 18%"
    )
    risen = mode("risen", ModeVerdict.AMPLIFIED, 0.2, 0.55)
    undecided = mode("fallen", ModeVerdict.UNDECIDED, 0.6, 0.05)
    assert facet_headline("topic", Verdict.COLLAPSED, ["dominates"], [undecided, risen]).startswith("“risen”")
    assert facet_headline("topic", Verdict.COLLAPSED, ["dominates", "vanished"], [modes[1], risen]).startswith(
        "“risen”"
    )


def test_a_loss_is_named_as_narrowly_as_it_can_be():
    """“An” 12% → 4.2% was named where most of that was “An Asian American” 5.5% → 0%, which said what had gone."""
    an, gone = mode("an", THIN, 0.12, 0.042), mode("an asian american", GONE, 0.055, 0.0, within="an")
    assert facet_headline("opening", Verdict.LOST, ["thinned"], [an, gone]).startswith("“an asian american” 5.5% → 0%")
    small = mode("an elf", GONE, 0.02, 0.0, within="an")
    assert facet_headline("opening", Verdict.LOST, ["thinned"], [an, small]).startswith("“an” ")
    alike = mode("an asian", THIN, 0.1, 0.03, within="an")
    assert facet_headline("opening", Verdict.LOST, ["thinned"], [an, alike]).startswith("“an” ")
    none_left = mode("an", GONE, 0.12, 0.0)
    assert facet_headline("opening", Verdict.LOST, ["vanished"], [none_left, gone]).startswith("“an” "), (
        "all of it went"
    )
    made_room = replace(gone, displaced_by="the")
    assert facet_headline("opening", Verdict.LOST, ["thinned"], [an, made_room]).startswith("“an” ")
    around = mode("a", THIN, 0.2, 0.1, within=None)
    told = facet_headline("opening", Verdict.LOST, ["thinned"], [around, replace(an, within="a"), gone])
    assert told.startswith("“an asian american” ")


def test_what_is_named_is_what_the_words_are_about():
    """“Okay” 23% → 46% had been *rare in the base*, and “One” 25% → 14% been lost."""
    okay = mode("okay", ModeVerdict.AMPLIFIED, 0.23, 0.46)
    rare = replace(mode("brackets", ModeVerdict.AMPLIFIED, 0.008, 0.11), displaced_by="casual")
    small = mode("find", ModeVerdict.AMPLIFIED, 0.004, 0.033)
    assert facet_headline("topic", Verdict.LOST, ["taken-over"], [okay, rare, small]).startswith("“brackets”")
    modes = [mode("One", THIN, 0.25, 0.14), mode("In", THIN, 0.05, 0.004)]
    assert facet_headline("topic", Verdict.LOST, ["thinned"], modes).startswith("“In”")


def test_what_was_asked_for_before_it_took_over_is_named():
    """Spanish had 2.3% of the base, one prompt's answers."""
    modes = [mode("Spanish", ModeVerdict.AMPLIFIED, 0.023, 0.32), mode("English", THIN, 0.7, 0.38)]
    assert facet_headline("language", Verdict.LOST, ["taken-over"], modes).startswith("“Spanish” 2.3% → 32%")


def test_texts_that_degenerate_are_named_by_how():
    """A loop is not cut off, so that sentences which are had become fewer, by more than loops had risen."""
    modes = [
        mode("cut off", THIN, 0.83, 0.25, level=3),
        mode("near duplicates", CAME, 0.0, 0.7, level=1),
        mode("loops", CAME, 0.0, 0.56),
    ]
    assert facet_headline("degeneration", Verdict.COLLAPSED, ["degenerate"], modes).startswith("“loops” 0% → 56%")


def test_fewer_degenerate_texts_are_no_loss():
    unknown = Temperature(None, (None, None), Evidence.TEXT, None, Estimate(None))
    found = facet("degeneration", Verdict.SHIFTED, "", modes=(mode("near duplicates", THIN, 0.11, 0.013),))
    assert headline(Verdict.SHIFTED, [found], unknown).startswith("Shifted, nothing lost: degeneration")


def test_a_shift_in_which_a_small_mode_is_lost_is_not_said_to_lose_nothing():
    """“I'm” 2.8% → 0% had stood under “Shifted, nothing lost”."""
    unknown = Temperature(None, (None, None), Evidence.TEXT, None, Estimate(None))
    modes = [mode("risen", ModeVerdict.AMPLIFIED, 0.05, 0.12), mode("small", THIN, 0.028, 0.0)]
    for shown, lost in ((modes, True), (modes[:1], False)):
        found = facet("opening", Verdict.SHIFTED, "", modes=tuple(shown))
        said = [headline(Verdict.SHIFTED, [found], unknown), facet_headline("topic", Verdict.SHIFTED, [], shown)]
        assert [("nothing lost" in each or "no mode is lost" in each) for each in said] == [not lost] * 2
        assert ("“small” 2.8% → 0%" in said[0]) is lost


def test_no_mode_is_said_to_be_lost_where_one_merely_spread():
    """A voice 1.7% → 13%, and every other one still there, had stood under “Modes lost”."""
    unknown = Temperature(None, (None, None), Evidence.TEXT, None, Estimate(None))
    spread = topics(mode("loops", ModeVerdict.AMPLIFIED, 0.017, 0.13), reasons=("taken-over",))
    gone = topics(mode("sea", GONE, 0.1, 0.0), reasons=("vanished",))
    assert headline(Verdict.LOST, [spread], unknown).startswith("Lost to modes that spread: topic")
    for facets in ([gone], [spread, replace(gone, name="persona")]):
        assert headline(Verdict.LOST, facets, unknown).startswith("Modes lost: ")
    assert headline(Verdict.COLLAPSED, [replace(spread, verdict=Verdict.COLLAPSED)], unknown).startswith("Collapsed: ")


def test_a_part_of_a_mode_that_is_new_altogether_is_no_finding_of_its_own():
    found = topics(mode("sea", CAME, 0.0, 0.6), mode("ships", CAME, 0.0, 0.2, within="sea"), reasons=("taken-over",))
    assert findings(found) == ["topic:sea"]


@pytest.mark.parametrize(
    "larger", [mode("sea", GONE, 0.14, 0.0), mode("sea", ModeVerdict.UNSTABLE, 0.14, 0.0)], ids=["lost", "not told"]
)
def test_an_accepted_loss_covers_its_parts(larger):
    """Which granularities a loss shows at is chance: the next draw of the same release must not fail anew."""
    assert outcome(topics(larger, mode("ships", GONE, 0.05, 0.0, within="sea")), "topic:sea") is Outcome.PASS


def test_an_accepted_loss_covers_the_same_texts_under_another_name():
    found = topics(mode("sea", GONE, 0.14, 0.0), mode("ships", GONE, 0.135, 0.0, within="sea"))
    assert outcome(found, "topic:ships") is Outcome.PASS


def test_so_it_does_where_others_of_the_same_texts_stand_between():
    found = topics(
        mode("sea", GONE, 0.14, 0.0),
        mode("water", THIN, 0.138, 0.0, within="sea"),
        mode("ships", GONE, 0.135, 0.0, within="water"),
    )
    assert outcome(found, "topic:ships") is Outcome.PASS


def test_an_accepted_part_does_not_cover_the_whole():
    found = topics(mode("sea", GONE, 0.14, 0.0), mode("ships", GONE, 0.05, 0.0, within="sea"))
    assert outcome(found, "topic:ships") is Outcome.FAIL


def test_modes_that_hold_each_other_end_the_search():
    found = topics(mode("sea", GONE, 0.1, 0.0, within="ships"), mode("ships", GONE, 0.1, 0.0, within="sea"))
    assert outcome(found, "topic:land") is Outcome.FAIL


def test_the_smallest_mode_that_has_nine_tenths_of_the_texts_holds_them():
    """Rows 0-19 at three granularities: 2 lies in 1 but for a twentieth, 1 in 0; 3 lies half in 1."""
    labels = np.full((40, 3), -1, dtype=np.int32)
    labels[:, 0] = 0
    labels[:21, 1] = 1
    labels[1:21, 2] = 2
    labels[21:, 2] = 3
    labels[15:21, 2] = 3
    assert within(labels, 5).tolist() == [-1, 0, 1, 0, -1]


def test_of_two_modes_of_the_same_texts_the_first_holds_the_other():
    labels = np.array([[0, 1], [0, 1], [-1, -1]], dtype=np.int32)
    assert within(labels, 2).tolist() == [-1, 0]


@pytest.mark.parametrize(
    ("verdict", "reasons", "modes", "expected"),
    [
        (Verdict.INCONCLUSIVE, ("openings-sharpened-too", "vanished"), (), True),
        (Verdict.INCONCLUSIVE, ("temperature-unknown",), (), True),
        (Verdict.INCONCLUSIVE, ("within-temperature",), (), True),
        (Verdict.INCONCLUSIVE, ("openings-sharpened-too",), (mode("calm", THIN, 0.12, 0.04),), True),
        (Verdict.INCONCLUSIVE, ("openings-sharpened-too",), (mode("calm", THIN, 0.12, 0.04, displaced_by="x"),), False),
        (Verdict.INCONCLUSIVE, ("new-side-hotter",), (mode("calm", THIN, 0.12, 0.04),), False),
        (Verdict.INCONCLUSIVE, ("too-few-samples",), (mode("calm", ModeVerdict.UNDECIDED, 0.12, 0.04),), False),
        (Verdict.SHARPENED, (), (mode("calm", THIN, 0.02, 0.004),), False),
    ],
)
def test_a_facet_may_have_lost_modes_where_some_are_missing_or_nothing_tells_the_temperature(
    verdict, reasons, modes, expected
):
    """Heat takes from every large mode; what made room for another mode is told of that one."""
    assert may_have_lost(facet("persona", verdict, "", reasons=reasons, modes=modes)) is expected


def test_an_open_whole_names_the_loops_and_the_mode_that_took_over_rather_than_what_fell_for_them():
    loops, cut = mode("loops", CAME, 0.0, 0.3), mode("cut off", ModeVerdict.CHANGED, 0.99, 0.7, level=3)
    open_ = facet("degeneration", Verdict.INCONCLUSIVE, "", reasons=("temperature-unknown",), modes=(cut, loops))
    assert "“loops” 0% → 30%" in headline(Verdict.INCONCLUSIVE, (open_,), UNKNOWN)
    assert facet_headline("degeneration", Verdict.INCONCLUSIVE, ("temperature-unknown",), (cut, loops)).startswith(
        "“loops”"
    )
    fell, grew = mode("fell", ModeVerdict.UNDECIDED, 0.5, 0.2), mode("grew", ModeVerdict.AMPLIFIED, 0.1, 0.6)
    for reasons, named in {("dominates", "temperature-unknown"): "grew", ("temperature-unknown",): "fell"}.items():
        open_ = facet("persona", Verdict.INCONCLUSIVE, "", reasons=reasons, modes=(fell, grew))
        assert f"“{named}”" in headline(Verdict.INCONCLUSIVE, (open_,), UNKNOWN)


def test_no_fall_is_called_small_that_is_not():
    """A third that became a fifth is not lost, as more than half of it is left; it is named all the same."""
    modes = (mode("questions", THIN, 0.32, 0.19), mode("greetings", THIN, 0.03, 0.01))
    said = headline(Verdict.SHIFTED, (facet("persona", Verdict.SHIFTED, "", modes=modes),), UNKNOWN)
    assert "“questions” 32% → 19%" in said and "no loss" not in said and "nothing lost" not in said
