"""The report: what ``compare`` returns, ``--json`` prints and ``show`` and ``gate`` read back.

A product of its own: people store it, diff it and build dashboards on it. Additions keep ``SCHEMA_VERSION``; a removed,
renamed or re-meant field raises it. Nothing here needs numpy, a model or a corpus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

SCHEMA_VERSION = 1


class Verdict(str, Enum):
    """What became of a facet, or of the comparison as a whole (docs/report.md has each word's meaning)."""

    UNCHANGED = "unchanged"
    SHARPENED = "sharpened"
    FLATTENED = "flattened"
    SHIFTED = "shifted"
    LOST = "lost"
    COLLAPSED = "collapsed"
    INCONCLUSIVE = "inconclusive"


class ModeVerdict(str, Enum):
    """What became of one mode."""

    KEPT = "kept"
    SHARPENED = "sharpened"
    FLATTENED = "flattened"
    CHANGED = "changed"
    THINNED = "thinned"
    VANISHED = "vanished"
    ABSENT_SHARPENED = "absent-sharpened"
    RECOVERED = "recovered"
    AMPLIFIED = "amplified"
    EMERGED = "emerged"
    UNDECIDED = "undecided"
    UNDETECTABLE = "undetectable"
    UNSTABLE = "unstable"

    def fell(self, change: float) -> bool:
        """Whether a mode of this verdict, whose share changed by ``change``, is gone or may be."""
        return self in _FALLEN or (self is ModeVerdict.CHANGED and change < 0)


_FALLEN = (ModeVerdict.THINNED, ModeVerdict.VANISHED, ModeVerdict.UNDECIDED, ModeVerdict.ABSENT_SHARPENED)


class Evidence(str, Enum):
    """What a verdict rests on, in rising order of strength."""

    TEXT = "text"
    TOKEN_IDS = "token_ids"
    LOGPROBS = "logprobs"
    LADDER = "ladder"
    REHEATED = "reheated"
    ELICITED = "elicited"


class Recovery(str, Enum):
    """Whether a mode came back in the reheated corpus, to within its margin."""

    RECOVERED = "recovered"
    NOT_RECOVERED = "not-recovered"
    UNDECIDED = "undecided"


class Reach(str, Enum):
    """Whether the new model can still say a mode when asked for it."""

    REACHABLE = "reachable"
    NOT_REACHABLE = "not-reachable"
    UNDECIDED = "undecided"


class Use(str, Enum):
    """What further samples are for."""

    LADDER = "ladder"
    REHEATED = "reheated"


class Outcome(str, Enum):
    """What the gate says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Estimate:
    """A number with its interval (95% unless its field says otherwise); None where there is none to be had."""

    value: float | None
    interval: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Share:
    """A share of rows, with a 95% interval; ``count`` rows stand behind it (None for a prediction)."""

    value: float
    interval: tuple[float, float]
    count: int | None = None


@dataclass(frozen=True)
class Example:
    """A generated text, shortened for reading. Untrusted: renderers escape it."""

    text: str
    prompt: str
    line: int


@dataclass(frozen=True)
class Examples:
    """Texts of one mode from both sides."""

    base: Sequence[Example] = ()
    new: Sequence[Example] = ()


@dataclass(frozen=True)
class ModeReport:
    """One mode of one facet: its shares, its evidence, its verdict.

    ``displaced_by`` is the id of the mode of the same facet that took the rows of this one: among the other rows it
    is no longer missing. ``within`` is that of the smallest mode of the facet which holds nine tenths of its texts.
    ``ladder_share`` is the base's share at the new corpus's own temperature (its interval spans
    the temperatures that may be). ``recovery`` says whether the mode came back in the reheated corpus, ``shortfall``
    how much of its share did not (bounds: one-sided 95% each), ``reach`` whether it comes when asked for.
    """

    id: str
    label: str
    description: str
    verdict: ModeVerdict
    base_share: Share
    new_share: Share
    predicted_share: Share | None
    p_value: float | None
    q_value: float | None
    minimum_detectable_share: float | None
    prompts_affected: int
    level: int = 0
    displaced_by: str | None = None
    reheated_share: Share | None = None
    elicited_share: Share | None = None
    ladder_share: Share | None = None
    recovery: Recovery | None = None
    shortfall: Estimate | None = None
    reach: Reach | None = None
    examples: Examples = field(default_factory=Examples)
    within: str | None = None


@dataclass(frozen=True)
class TestResult:
    """A test in words and numbers. ``name`` is the function of ``modecollapse.stats`` that made it."""

    __test__ = False  # not a test case, whatever pytest thinks of the name

    name: str
    null: str
    statistic: float | None
    p_value: float | None
    detail: Mapping[str, float | int | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class EffectiveModes:
    """Hill number of order 1 (exponential of the Shannon entropy) of the mode shares."""

    base: Estimate
    new: Estimate
    predicted: Estimate


@dataclass(frozen=True)
class Alike:
    """Modes of one facet, by their ids, that say much the same in other words; shares are of texts in any of them."""

    modes: Sequence[str]
    base_share: Share
    new_share: Share


@dataclass(frozen=True)
class FacetReport:
    """What became of one facet. No verdict rests on which modes are ``alike``."""

    name: str
    verdict: Verdict
    headline: str
    evidence: Evidence
    reasons: Sequence[str]
    caused_by: str | None
    follows: Sequence[str]
    effective_modes: EffectiveModes | None
    explained_fraction: float | None
    samples_needed: int | None
    tests: Sequence[TestResult]
    modes: Sequence[ModeReport]
    alike: Sequence[Alike] = ()


@dataclass(frozen=True)
class Temperature:
    """The inverse temperature of the new model against the base, and what would undo it.

    ``recovery_temperature`` is the sampling temperature at which the new model should give the base back.
    """

    inverse_temperature: float | None
    interval: tuple[float | None, float | None]
    evidence: Evidence
    explained_fraction: float | None
    recovery_temperature: Estimate
    notes: Sequence[str] = ()

    @property
    def halfway(self) -> float | None:
        """The geometric middle between the new model's own temperature and the one that should recover the base."""
        if self.recovery_temperature.value is None:
            return None
        return self.recovery_temperature.value / float((self.inverse_temperature or 1.0) ** 0.5)


@dataclass(frozen=True)
class SamplesWanted:
    """Further samples that would settle what is open: one way of several, each enough by itself unless two are rungs.

    ``model`` (*base* or *new*) is to be sampled at ``temperature``, ``samples_per_prompt`` times for each of the
    ``prompts`` that stand on both sides: enough to show a mode in question to be there, if it is, four times in five.
    As a *ladder* the rows join the base's file, with their temperature; *reheated* is a file of its own.
    """

    use: Use
    model: str
    temperature: Estimate
    samples_per_prompt: int
    prompts: int
    facets: Sequence[str]


CHARACTERS = "characters"
"""The name of the one change of form that is of a number, not of a share."""


@dataclass(frozen=True)
class FormChange:
    """How a feature of length or layout differs, which is no mode and in no verdict.

    ``base`` and ``new`` are the shares of texts that have it, means over prompts; of ``characters`` the geometric mean.
    ``change`` is new − base, of ``characters`` new ÷ base, with its 95% interval over prompts.
    """

    name: str
    base: float
    new: float
    change: Estimate


@dataclass(frozen=True)
class SkippedRow:
    """A line that could not be used."""

    line: int
    reason: str


@dataclass(frozen=True)
class FieldsTaken:
    """Which fields of the rows were taken, as dotted paths."""

    text: str
    prompt: str | None
    temperature: str | None
    dialect: str


@dataclass(frozen=True)
class CorpusSummary:
    """One corpus as it was read. ``rows`` = ``used`` + the number of ``skipped``."""

    name: str
    rows: int
    used: int
    skipped: Sequence[SkippedRow]
    prompts: int
    samples_per_prompt: Mapping[str, float]
    fields: FieldsTaken
    temperatures: Mapping[str, int]
    sha256: str


@dataclass(frozen=True)
class Corpora:
    """All corpora that took part."""

    base: CorpusSummary
    new: CorpusSummary
    reheated: CorpusSummary | None = None
    elicited: CorpusSummary | None = None


@dataclass(frozen=True)
class ReportWarning:
    """Something the reader should know before believing the verdict."""

    code: str
    message: str


@dataclass(frozen=True)
class AcceptedLoss:
    """A finding that somebody looked at and lets pass: ``facet:mode-id``, or ``facet:reason`` where no mode is it."""

    finding: str
    reason: str
    date: str


@dataclass(frozen=True)
class Gate:
    """What the policy makes of the report: sentences that say why, and which accepted losses were met or are stale.

    ``accepted`` findings are there and do not fail; ``stale`` ones are accepted and no longer there.
    """

    outcome: Outcome
    reasons: Sequence[str]
    accepted: Sequence[AcceptedLoss] = ()
    stale: Sequence[AcceptedLoss] = ()


@dataclass(frozen=True)
class Tally:
    """How many of those tried."""

    count: int
    tried: int


@dataclass(frozen=True)
class ErrorRates:
    """What the tool's own study measured at ``samples`` per prompt and side and so many ``prompts``.

    ``false_losses``: unharmed pairs (no change, temperature, truncation, gentle retraining) called *lost* or
    *collapsed*. ``losses_found``: pairs with a full loss of modes that were called so in the right facet;
    ``weak_losses_found`` the same where three rows in ten were changed.
    """

    samples: int
    prompts: int
    false_losses: Tally
    losses_found: Tally
    weak_losses_found: Tally


@dataclass(frozen=True)
class MapPoints:
    """Texts of one side, one per entry: where they lie, and which of the map's modes they have (-1: none)."""

    x: Sequence[int]
    y: Sequence[int]
    mode: Sequence[int]


@dataclass(frozen=True)
class CorpusMap:
    """Where texts of both sides lie in the plane in which all texts differ most: as many of either.

    ``modes`` are ids of modes of ``facet``, all of one level. Coordinates are whole numbers from 0 to ``width`` and
    ``height`` in the same unit, the larger of which is 1,000; the new side's mean is never left of or below the base's.
    """

    facet: str
    modes: Sequence[str]
    width: int
    height: int
    base: MapPoints
    new: MapPoints


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole answer. Only ``provenance`` (and the line numbers in ``skipped``) may differ between two runs."""

    schema_version: int = SCHEMA_VERSION
    verdict: Verdict
    headline: str
    gate: Gate
    temperature: Temperature
    facets: Sequence[FacetReport]
    corpora: Corpora
    warnings: Sequence[ReportWarning]
    config: Mapping[str, Any]
    provenance: Mapping[str, Any]
    samples_wanted: Sequence[SamplesWanted] = ()
    error_rates: ErrorRates | None = None
    map: CorpusMap | None = None
    form: Sequence[FormChange] = ()

    def to_json(self, indent: int | None = 2) -> str:
        """The report as JSON in a stable order, without NaN."""
        return encode(self, indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Report:
        """A saved report. Raises ``InputError`` (``not-a-report``, ``newer-report``) where it is none."""
        import msgspec

        from modecollapse.errors import InputError

        try:
            version = msgspec.json.decode(text, type=dict[str, Any]).get("schema_version")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InputError("not-a-report", f"not a saved report: {error}") from error
        if version != SCHEMA_VERSION:
            raise InputError(
                "newer-report" if isinstance(version, int) and version > SCHEMA_VERSION else "not-a-report",
                f"schema_version is {version!r}, this version reads {SCHEMA_VERSION}",
                hint="install the version of modecollapse that wrote it",
            )
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.DecodeError as error:
            raise InputError("not-a-report", f"not a saved report: {error}") from error


def encode(value: object, indent: int | None = 2) -> str:
    r"""Anything that reports are made of as JSON: NaN as null, a lone surrogate spelled out (``\\ud800``)."""
    import msgspec

    try:
        raw = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # A Python string may hold what UTF-8 can't: a file name that is not UTF-8, "\ud800" in a corpus.
        raw = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(value)))
    return (raw if indent is None else msgspec.json.format(raw, indent=indent)).decode("utf-8")


def _without_surrogates(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return [_without_surrogates(item) for item in value] if isinstance(value, list | tuple) else value


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a report, as shipped in ``modecollapse/schema``."""
    import msgspec

    schema: dict[str, Any] = msgspec.json.schema(Report)
    return schema
