"""What is compared with what, and which answer is right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from benchmarks.ground_truth.recipes import FIRST_PERSON

FRESH = "fresh"
"""Base samples that stand on no other side of the same comparison."""


@dataclass(frozen=True)
class Mix:
    """Rows of one side: shares of corpora. ``without`` leaves out the fresh rows that match."""

    parts: tuple[tuple[str, float], ...] = ((FRESH, 1.0),)
    without: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Condition:
    """A kind of comparison. ``facet`` is where a loss is to be found; extra corpora are better evidence."""

    name: str
    kind: str
    new: Mix
    base: Mix = field(default_factory=Mix)
    facet: str = ""
    beta: float | None = None
    """The true inverse temperature, where there is one."""
    reheated: str = ""
    elicited: str = ""
    rungs: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    """Fields of the rows that the tool sees beside prompt and text."""

    @property
    def deserves(self) -> tuple[str, ...]:
        """The verdicts that say what is true of it."""
        if self.kind in ("no change", "kept"):
            return ("unchanged",)
        if self.facet:
            return ("lost", "collapsed")
        return ("flattened",) if self.name in _HOTTER else ("sharpened",)


def only(corpus: str) -> Mix:
    """All rows from one corpus."""
    return Mix(((corpus, 1.0),))


def mixed(corpus: str, share: float) -> Mix:
    """``share`` of the rows from ``corpus``, the others fresh."""
    return Mix(((corpus, share), (FRESH, 1 - share)))


LOSSES = {
    "opening": "opening",
    "consciousness": "topic",
    "spanish": "language",
    "pirate": "persona",
    "token": "degeneration",
}
_TEMPERATURES = (0.3, 0.5, 0.7, 0.85, 1.2, 1.4)
_HOTTER = ("T = 1.2", "T = 1.4", "retrained at T = 1.4")
_REMOVED = 0.15


def _plain() -> list[Condition]:
    return [
        Condition("no change", "no change", Mix(), beta=1.0),
        *(Condition(f"T = {t}", "temperature", only(f"T{t}"), beta=1 / t) for t in _TEMPERATURES),
        Condition("greedy", "temperature", only("greedy")),
        Condition("top-p .9", "truncation", only("top_p0.9")),
        Condition("top-k 20", "truncation", only("top_k20")),
        Condition("min-p .1", "truncation", only("min_p0.1")),
        Condition("retrained at T = .6", "retrained", only("sharpened1")),
        Condition("retrained at T = .6, three rounds", "retrained", only("sharpened3")),
        Condition("retrained at T = 1.4", "retrained", only("flattened1")),
    ]


def _losses() -> list[Condition]:
    return [
        *(
            Condition(f"{name}, {share:.0%}", f"loss {share:.0%}", mixed(name, share), facet=facet)
            for share in (1.0, 0.6, 0.3, 0.1)
            for name, facet in LOSSES.items()
        ),
        *(
            Condition(f"single traces, {step} steps", "loss traces", only(f"traces_{step}"), facet="opening")
            for step in ("low", "mid", "high")
        ),
        Condition("sharpened, then locked", "loss 100%", only("both"), facet="opening"),
    ]


def _removed() -> list[Condition]:
    """A mode of 15% that the new side lacks, beside its control: the same base, and nothing removed."""
    modes = {name: facet for name, facet in LOSSES.items() if name != "token"}
    with_mode = {name: mixed(name, _REMOVED) for name in modes}
    return [
        *(Condition(f"{n} of 15% removed", "removed", Mix(), with_mode[n], facet=f) for n, f in modes.items()),
        *(Condition(f"{n} of 15% kept", "kept", with_mode[n], with_mode[n], facet=f) for n, f in modes.items()),
        *(
            Condition(f"{n} of 15% removed, T = .7", "removed and sharpened", only("T0.7"), with_mode[n], facet=f)
            for n, f in modes.items()
        ),
        Condition("first person removed", "removed by filter", Mix(without=FIRST_PERSON), facet="opening"),
        Condition("first person filtered in training", "removed by training", only("filtered"), facet="opening"),
    ]


def _better() -> list[Condition]:
    """The same questions with better evidence."""
    tokens, logprobs = ("token_ids", "temperature"), ("token_ids", "temperature", "logprobs")
    return [
        *(Condition(f"T = {t}, token ids", "token ids", only(f"T{t}"), beta=1 / t, fields=tokens) for t in (0.5, 0.7)),
        Condition("opening, token ids", "token ids", only("opening"), facet="opening", fields=tokens),
        Condition("T = 0.7, log probabilities", "log probabilities", only("T0.7"), beta=1 / 0.7, fields=logprobs),
        Condition("retrained, log probabilities", "log probabilities", only("sharpened1"), fields=logprobs),
        Condition("opening, log probabilities", "log probabilities", only("opening"), facet="opening", fields=logprobs),
        Condition("T = 0.7, ladder", "ladder", only("T0.7"), rungs=("T0.85", "T0.5"), fields=("temperature",)),
        Condition("retrained, ladder", "ladder", only("sharpened3"), rungs=("T0.85", "T0.7", "T0.5")),
        *(
            Condition(f"{name}, ladder", "ladder", only(name), facet=facet, rungs=("T0.85", "T0.7", "T0.5"))
            for name, facet in (("consciousness", "topic"), ("both", "opening"))
        ),
        # At T = .7 / .7 the cooler model is the base itself.
        Condition("T = 0.7, reheated", "truly reheated", only("T0.7"), reheated=FRESH),
        Condition("retrained, reheated", "reheated", only("sharpened1"), reheated="reheated_sharpened1"),
        Condition("retrained thrice, reheated", "reheated", only("sharpened3"), reheated="reheated_sharpened3"),
        Condition("retrained thrice, too hot", "overheated", only("sharpened3"), reheated="overheated_sharpened3"),
        *(
            Condition(f"T = 0.7, reheated to {heat}", "overheated", only("T0.7"), reheated=f"T{heat}")
            for heat in (1.2, 1.4)
        ),
        # Texts of another model, passed as the reheated ones.
        *(
            Condition(f"{new}, “reheated” by {other}", "reheated by mistake", only(new), reheated=other)
            for new, other in (
                ("T0.7", "spanish"),
                ("T0.7", "token"),
                ("sharpened1", "opening"),
                ("sharpened3", "consciousness"),
            )
        ),
        Condition("opening, reheated", "reheated", only("opening"), facet="opening", reheated="reheated_opening"),
        Condition(
            "sharpened, then locked, reheated", "reheated", only("both"), facet="opening", reheated="reheated_both"
        ),
        *(
            Condition(
                f"{name} of 15% removed, T = .7, reheated",
                "removed, sharpened and reheated",
                only("T0.7"),
                mixed(name, _REMOVED),
                facet=facet,
                reheated=FRESH,
            )
            for name, facet in LOSSES.items()
            if name != "token"
        ),
        # Asked for what it lost, truly; as if it had answered as ever; and as if it had answered as the base.
        Condition(
            "spanish, asked for English",
            "elicited",
            only("spanish"),
            facet="language",
            elicited="elicited_spanish",
        ),
        Condition(
            "consciousness, asked for other topics",
            "elicited",
            only("consciousness"),
            facet="topic",
            elicited="elicited_consciousness",
        ),
        *(
            Condition(f"{name}, asked in vain", "asked in vain", only(name), facet=LOSSES[name], elicited=name)
            for name in ("spanish", "consciousness")
        ),
        *(
            Condition(f"{name}, asked with success", "asked well", only(name), facet=LOSSES[name], elicited=FRESH)
            for name in ("spanish", "consciousness")
        ),
    ]


CONDITIONS = {condition.name: condition for condition in [*_plain(), *_losses(), *_removed(), *_better()]}
"""Every condition by its name.

Fixed before the corpora were drawn, but for those that ask, and those that reheat T = .7 or another model.
"""
