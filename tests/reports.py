"""Reports as a comparison would make them, for tests of what reads reports."""

from __future__ import annotations

from dataclasses import replace

from modecollapse.config import Config
from modecollapse.gating import evaluate
from modecollapse.report import (
    Alike,
    Corpora,
    CorpusSummary,
    EffectiveModes,
    Estimate,
    Evidence,
    Example,
    Examples,
    FacetReport,
    FieldsTaken,
    ModeReport,
    ModeVerdict,
    Report,
    ReportWarning,
    Share,
    SkippedRow,
    Temperature,
    TestResult,
    Verdict,
)

ROWS = 1440


def share(value: float, counted: bool = True) -> Share:
    half = 1.96 * (value * (1 - value) / ROWS) ** 0.5 + 0.002
    return Share(value, (max(0.0, value - half), min(1.0, value + half)), round(value * ROWS) if counted else None)


def mode(
    label: str,
    verdict: ModeVerdict,
    base: float,
    new: float,
    predicted: float | None = None,
    *,
    texts: tuple[str | None, str | None] = (None, None),
    prompts: int = 0,
    **others: object,
) -> ModeReport:
    sides = [() if text is None else (Example(text, "Tell me a story.", 12),) for text in texts]
    return ModeReport(
        id="-".join("".join(c if c.isascii() and c.isalnum() else " " for c in label.lower()).split()),
        label=label,
        description=f"Texts that begin with {label}",
        verdict=verdict,
        base_share=share(base),
        new_share=share(new),
        predicted_share=None if predicted is None else share(predicted, counted=False),
        p_value=0.0002,
        q_value=0.001,
        minimum_detectable_share=0.012,
        prompts_affected=prompts,
        examples=Examples(*sides),
        **others,  # type: ignore[arg-type]
    )


def facet(
    name: str,
    verdict: Verdict,
    headline: str,
    effective: tuple[float, float] = (1.0, 1.0),
    modes: tuple[ModeReport, ...] = (),
    **others: object,
) -> FacetReport:
    values = {
        "evidence": Evidence.TEXT,
        "reasons": (),
        "caused_by": None,
        "follows": (),
        "explained_fraction": None,
        "samples_needed": None,
        "tests": (TestResult("permutation_test", "both corpora speak alike", 4.1, 0.0005),),
    }
    base, new = (Estimate(value, (value * 0.9, value * 1.1)) for value in effective)
    return FacetReport(
        name=name,
        verdict=verdict,
        headline=headline,
        effective_modes=EffectiveModes(base, new, base),
        modes=modes,
        **(values | others),  # type: ignore[arg-type]
    )


def corpus(name: str, skipped: int = 0) -> CorpusSummary:
    return CorpusSummary(
        name=name,
        rows=ROWS + skipped,
        used=ROWS,
        skipped=[SkippedRow(7 + line, "not JSON") for line in range(skipped)],
        prompts=24,
        samples_per_prompt={"min": 60.0, "median": 60.0, "max": 60.0},
        fields=FieldsTaken("text", "prompt", "temperature", "plain"),
        temperatures={"1.0": ROWS},
        sha256="0" * 64,
    )


def report(
    verdict: Verdict,
    headline: str,
    facets: tuple[FacetReport, ...],
    temperature: Temperature,
    warnings: tuple[ReportWarning, ...] = (),
    skipped: int = 0,
) -> Report:
    config = Config()
    return Report(
        verdict=verdict,
        headline=headline,
        gate=evaluate(verdict, facets, config.gate),
        temperature=temperature,
        facets=facets,
        corpora=Corpora(corpus("base.jsonl"), corpus("new.jsonl", skipped)),
        warnings=warnings,
        config=config.to_dict(),
        provenance={"modecollapse": "0.1.0", "paths": {"base": "/data/base.jsonl"}, "seconds": 12.3},
    )


def temperature(value: float | None = 1.02, low: float = 0.95, high: float = 1.09, **others: object) -> Temperature:
    values = {"evidence": Evidence.TEXT, "explained_fraction": None, "recovery_temperature": Estimate(None)}
    interval = (None, None) if value is None else (low, high)
    return Temperature(value, interval, **(values | others))  # type: ignore[arg-type]


def steady(*names: str) -> tuple[FacetReport, ...]:
    spread = {"language": (1.3, 1.3), "topic": (21.4, 20.9), "persona": (12.8, 13.1), "opening": (38.2, 37.5)}
    return tuple(
        facet(
            name,
            Verdict.UNCHANGED,
            "No difference found; a loss of 2.1% of texts would have shown.",
            spread.get(name, (1.0, 1.0)),
            (mode(f"{name} usual", ModeVerdict.KEPT, 0.4, 0.39, 0.4),),
        )
        for name in names
    )


def unchanged() -> Report:
    facets = steady("language", "topic", "persona", "opening", "degeneration")
    return report(Verdict.UNCHANGED, "The new model says what the base said.", facets, temperature())


def sharpened() -> Report:
    topic = facet(
        "topic",
        Verdict.SHARPENED,
        "Narrower, as inverse temperature 1.43 predicts.",
        (21.4, 14.2),
        (
            mode("school · teacher · class", ModeVerdict.SHARPENED, 0.21, 0.31, 0.30, prompts=14),
            mode("sea · sailors · ocean", ModeVerdict.ABSENT_SHARPENED, 0.012, 0.0, 0.004, texts=(SEA, None)),
        ),
        explained_fraction=0.93,
    )
    opening = facet("opening", Verdict.SHARPENED, "Narrower, as predicted.", (38.2, 22.9), explained_fraction=0.96)
    return report(
        Verdict.SHARPENED,
        "The new model is a sharpened base: sampling it at T = 1.43 should give the base's variety back.",
        (*steady("language"), topic, *steady("persona"), opening, *steady("degeneration")),
        temperature(
            1.43,
            1.31,
            1.57,
            explained_fraction=0.94,
            recovery_temperature=Estimate(1.43, (1.31, 1.57)),
            notes=("top_p is unknown: temperature or truncation.",),
        ),
    )


SEA = "The sea was grey that morning, and the sailors had not slept since the storm took the mast off Cape Wrath."
LOCKED = "It's a difficult question. On the one hand, many people believe that\nthe answer depends on what you value."
CERTAINLY = "Certainly! Here are five ideas for a rainy afternoon with the children: 1. Build a fort out of blankets"


def collapsed() -> Report:
    opening = facet(
        "opening",
        Verdict.COLLAPSED,
        "«it's a difficult question.» opens 85% of texts in all 24 prompts; the base never said it.",
        (38.2, 2.1),
        (
            mode(
                "it's a difficult question.",
                ModeVerdict.EMERGED,
                0.0,
                0.85,
                0.0,
                texts=(None, LOCKED),
                prompts=24,
            ),
            mode("certainly!", ModeVerdict.VANISHED, 0.35, 0.004, 0.41, texts=(CERTAINLY, CERTAINLY), prompts=23),
            mode("once upon a", ModeVerdict.THINNED, 0.12, 0.02, 0.11, texts=("Once upon a time …", None), prompts=9),
            mode("here is", ModeVerdict.KEPT, 0.05, 0.05, 0.06),
        ),
        reasons=("taken-over",),
        follows=("topic:hedging-answers",),
    )
    topic = facet(
        "topic",
        Verdict.LOST,
        "One topic grew to 45% of texts.",
        (21.4, 6.0),
        (mode("question · answer · depends", ModeVerdict.AMPLIFIED, 0.01, 0.45, 0.01, texts=(None, LOCKED)),),
        caused_by="opening:it-s-a-difficult-question",
    )
    return report(
        Verdict.COLLAPSED,
        "One opening has taken over: 85% of new texts begin «it's a difficult question.», which temperature "
        "can't explain.",
        (*steady("language"), topic, *steady("persona"), opening, *steady("degeneration")),
        temperature(1.18, 1.02, 1.40, explained_fraction=0.07, recovery_temperature=Estimate(1.18, (1.02, 1.4))),
        (ReportWarning("skipped-lines", "3 lines of new.jsonl could not be used."),),
        skipped=3,
    )


def lost_topic() -> Report:
    topic = facet(
        "topic",
        Verdict.LOST,
        "«sea · sailors · ocean» is gone: 12% of base texts, predicted 9%, 0 of 1,440 now.",
        (21.4, 15.8),
        (
            mode("sea · sailors · ocean", ModeVerdict.VANISHED, 0.12, 0.0, 0.09, texts=(SEA, None), prompts=8),
            mode("海 · 船员 · 风暴", ModeVerdict.THINNED, 0.06, 0.01, 0.05, texts=("那天早晨海是灰色的。" * 12, None)),
            mode("money · bank · market", ModeVerdict.AMPLIFIED, 0.02, 0.07, 0.02, texts=(None, "The market fell.")),
        ),
        explained_fraction=0.41,
    )
    return report(
        Verdict.LOST,
        "Stories of the sea are gone, and lowering the temperature doesn't explain it.",
        (*steady("language"), topic, *steady("persona", "opening", "degeneration")),
        temperature(1.22, 1.1, 1.35, explained_fraction=0.41, recovery_temperature=Estimate(1.22, (1.1, 1.35))),
    )


def inconclusive() -> Report:
    thin = [
        facet(
            name,
            Verdict.INCONCLUSIVE,
            "Five samples per prompt can't tell.",
            (9.1, 7.0),
            (mode("rare thing", ModeVerdict.UNDETECTABLE, 0.01, 0.0, 0.01),),
            samples_needed=needed,
            reasons=("openings-sharpened-too",) if name == "topic" else (),
        )
        for name, needed in (("topic", 40), ("opening", 25))
    ]
    return report(
        Verdict.INCONCLUSIVE,
        "These samples can't tell sharpening from loss in topic and opening.",
        (*steady("language"), thin[0], *steady("persona"), thin[1], *steady("degeneration")),
        temperature(None, evidence=Evidence.TEXT),
        (ReportWarning("few-prompts", "4 prompts stand on both sides; below six nothing is called lost."),),
    )


ALL = {"unchanged": unchanged, "sharpened": sharpened, "collapsed": collapsed, "lost": lost_topic}
ALL |= {"inconclusive": inconclusive}


def hostile(text: str) -> Report:
    """A report with ``text`` in every place where a corpus can put one."""
    there = collapsed()
    poisoned = replace(
        mode(text, ModeVerdict.VANISHED, 0.5, 0.0, 0.4, texts=(text, text)), description=text, id="poisoned"
    )
    alike = Alike(("poisoned", text), poisoned.base_share, poisoned.new_share)
    child = facet("topic", Verdict.LOST, text, modes=(poisoned,), caused_by="column:" + text + ":poisoned")
    return replace(
        there,
        headline=text,
        facets=(facet("column:" + text, Verdict.LOST, text, modes=(poisoned,), alike=(alike,)), child),
        temperature=replace(there.temperature, notes=(text,)),
        warnings=(ReportWarning(text, text),),
        gate=replace(there.gate, reasons=(text,)),
        corpora=Corpora(corpus(text), replace(corpus(text), skipped=[SkippedRow(1, text)])),
    )
