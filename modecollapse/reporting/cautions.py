"""What a reader should know before believing the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from modecollapse.affixes import common_beginning
from modecollapse.corpus import Corpus, asked_otherwise, framed_otherwise
from modecollapse.facets.base import Partition
from modecollapse.facets.sequence import FIRST_WORDS, RUNNING_WORDS
from modecollapse.judgement.base import Judgement
from modecollapse.judgement.copies import Repeats, without_copies
from modecollapse.judgement.movement import SMALL_P, Movement
from modecollapse.labelling import Labelled
from modecollapse.pairing import Pair, Side, repetition, truncation
from modecollapse.quantities import percent
from modecollapse.report import ReportWarning
from modecollapse.stats.temperature import DEPTH
from modecollapse.words import NUMBER
from modecollapse.wrapping import BROKEN_OFF_EARLIER

_NAMED = 5
_LOOKED_AT, _MOST = 4_000, 0.5
_FEW_WORDS, _FAR_MORE = 20, 3
_SEVERAL = 0.05


def cautions(
    corpora: Mapping[str, Corpus], pair: Pair, labelled: Mapping[str, Labelled], judgement: Judgement
) -> list[ReportWarning]:
    """Warnings in a fixed order: the input first, then the design of the comparison, then each facet's notes."""
    facets = [labelled[name] for name in judgement.facets]
    notes = [note for facet in facets for note in facet.notes]
    found = [
        *_input(corpora),
        *_prompts(pair),
        *_asked(corpora["base"], corpora["new"]),
        *_samples(pair, judgement),
        *_copies(pair, {Side.BASE: "base", Side.NEW: "new"}),
        *_without_copies(pair),
        *_numbers(pair, judgement),
        *(() if BROKEN_OFF_EARLIER in dict(notes) else _lengths(pair)),
        *_seeds(judgement),
        *_decoding(corpora, judgement),
        *_reheated(judgement),
    ]
    found += _log_probabilities(corpora, judgement)
    notes += [note for facet in facets for note in facet.partition.notes]
    return [ReportWarning(code, message) for code, message in [*found, *dict.fromkeys(notes)]]


def cautions_alone(corpus: Corpus, pair: Pair, partitions: Iterable[Partition]) -> list[ReportWarning]:
    """Warnings on one corpus, ``pair`` holding its rows alone: the input first, then its samples, then each facet's."""
    name = "the corpus"
    found = [*_rows({name: corpus}, (name,)), *_no_prompts(pair), *_single(pair), *_copies(pair, {Side.BASE: name})]
    notes = [note for partition in partitions for note in partition.notes]
    return [ReportWarning(code, message) for code, message in [*found, *dict.fromkeys(notes)]]


def _reheated(judgement: Judgement) -> Iterator[tuple[str, str]]:
    unlike = judgement.unlike
    if unlike is None:
        return
    label = judgement.facets[unlike.facet].labelled.modes[unlike.mode].label
    new, reheated = percent(unlike.new_share), percent(unlike.reheated_share)
    told = f"{unlike.facet} “{label}” has {new} of the new texts and {reheated}"
    settled = "nothing" if unlike.everywhere else f"nothing of the facet {unlike.facet}"
    doubt = f"are these of the same model, to the same prompts? They settled {settled}"
    yield "odd-reheated", f"{told} of the reheated ones, as no heat explains: {doubt}."


def _input(corpora: Mapping[str, Corpus]) -> Iterator[tuple[str, str]]:
    base, new = corpora["base"], corpora["new"]
    same_rows = new.framed and np.array_equal(np.sort(base.hashes), np.sort(new.hashes))
    if base.sha256 == new.sha256 or same_rows:
        what = "answers" if base.reasoning.texts or new.reasoning.texts else "rows"
        yield "identical-corpora", f"Both files hold the same {what}: this compares a corpus with itself."
    else:
        distinct = len(np.unique(new.hashes))
        shared = len(np.intersect1d(base.hashes, new.hashes))
        if shared > 0.5 * distinct:
            yield "shared-rows", f"{shared} of {distinct} distinct new rows stand in the base as well."
    yield from _rows(corpora, ("base", "new"))


def _rows(corpora: Mapping[str, Corpus], counted_once: Sequence[str]) -> Iterator[tuple[str, str]]:
    for side in counted_once:
        if (times := repetition(corpora[side])) > 1:
            message = f"Every row of {side} stands there {times} times or a multiple: each is counted once."
            yield "repeated-rows", message
    for side, corpus in corpora.items():
        if corpus.skipped:
            first = corpus.skipped[0]
            yield (
                "skipped-rows",
                f"{len(corpus.skipped)} rows of {side} could not be used (first: line {first.line}, {first.reason}).",
            )
        if corpus.rewritten > _SEVERAL * len(corpus):
            yield (
                "rewritten-texts",
                f"{percent(corpus.rewritten / len(corpus))} of the texts of {side} are not written down as they were "
                "said: escaped twice (\\n, \\u4f60), as pieces of a tokenizer (ĠIn, ▁In), or with special tokens "
                "around them (</s>, <pad>). They are read as what was said; better mend what wrote the file.",
            )
        if corpus.echoed:
            yield (
                "prompts-in-texts",
                f"{percent(corpus.echoed / len(corpus))} of the texts of {side} hold their prompt before the answer: "
                "what follows is compared, without token ids, log probabilities or embeddings. Where the model itself "
                "repeats what it is asked, that is not seen here.",
            )
        if corpus.framed:
            yield (
                "prompts-framed-otherwise",
                f"{corpus.framed} prompts of {side} ask what prompts of base ask, under another id or in another frame "
                "(a chat template, blanks): they are matched by what they ask.",
            )
        if corpus.reasoning.texts and not corpus.reasoning.kept:
            yield "reasoning-left-out", _reasoning(side, corpus)


def _reasoning(side: str, corpus: Corpus) -> str:
    found = corpus.reasoning
    texts = len(corpus) + found.unfinished
    said = (
        f"{found.texts} of {texts} texts of {side} begin with reasoning, as in <think> … </think>: the answers "
        "are compared, without token ids, log probabilities or embeddings of the rows (--keep-reasoning: all of it)."
    )
    if found.unanswered:
        said += f" {found.unanswered} of them have no answer, and count as empty."
    if found.unfinished:
        said += (
            f" Of {found.unfinished} the reasoning does not end, as where a limit of tokens is too low: they are left "
            "out, and those that are compared may be answers to easier questions."
        )
    if found.texts - found.unfinished < len(corpus):
        said += " The others have none, or it was cut off before its end and counts as an answer."
    return said


def _prompts(pair: Pair) -> Iterator[tuple[str, str]]:
    for side, missing in (("base", pair.only_base), ("new", pair.only_new)):
        if list(missing) == [""]:
            yield (
                "no-prompts",
                f"Rows of {side} have no prompt, and those of the other side do: none can be matched. Name the field "
                "that has it by --prompt-field.",
            )
        elif missing:
            named = ", ".join(repr(key[:60]) for key in missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
            yield "unmatched-prompts", f"{len(missing)} prompts stand in {side} only and are left out: {named}."
    if _same_texts(pair):
        yield (
            "prompts-differ-by-name",
            f"{_same_texts(pair)} prompts of base and new have the same text under different ids, so they were not "
            "matched: name the field that agrees by --prompt-field.",
        )
    yield from _no_prompts(pair)


def _asked(base: Corpus, new: Corpus) -> Iterator[tuple[str, str]]:
    """Framed prompts have been matched by their texts, whatever these stand in."""
    unmatched, words = framed_otherwise(base, new)
    if unmatched:
        named = ", ".join(f"“{word}”" for word in words[:_NAMED]) + (" …" if len(words) > _NAMED else "")
        yield (
            "prompts-in-other-frames",
            f"{unmatched} prompts of new ask what prompts of base ask, but with other words around all of them "
            f"({named}), which is part of what is asked: they are not matched. Ask both models in the same words.",
        )
    differing = [] if new.framed else asked_otherwise(base, new)
    if differing:
        first = " – ".join(_where_they_differ(*(corpus.prompt_texts[differing[0]] for corpus in (base, new))))
        yield (
            "prompts-differ-by-text",
            f"{len(differing)} prompts have the same id on both sides and another text ({first}): they are matched by "
            "their ids. Where these do not mean the same, name the field that does by --prompt-field.",
        )


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    begin = max(0, len(common_beginning([one, other], 1.0)) - 20)
    here, there = (f"{'…' * (begin > 0)}{text[begin : begin + 50]!r}" for text in (one, other))
    return here, there


def _no_prompts(pair: Pair) -> Iterator[tuple[str, str]]:
    if set(pair.prompt_keys) == {""}:
        yield (
            "no-prompts",
            "Rows have no prompt: all are taken as samples of one prompt. If they are not, sharpening can't be told: "
            "name the field that has it by --prompt-field.",
        )


def _same_texts(pair: Pair) -> int:
    """How many prompt texts stand on both sides, each time under an id that the other side does not have."""
    number = {key: index for index, key in enumerate(pair.prompt_keys)}
    base, new = (
        {pair.rows.prompt_texts[number[key]].strip() for key in keys} - {""} for keys in (pair.only_base, pair.only_new)
    )
    return len(base & new)


def _numbers(pair: Pair, judgement: Judgement) -> Iterator[tuple[str, str]]:
    """Openings read every long number as one: answers that are such look alike to them, whichever they are."""
    compared = np.flatnonzero(pair.matched & (pair.side <= Side.NEW))[:_LOOKED_AT]  # in content-hash order: a sample
    if "opening" not in judgement.facets or not len(compared):
        return
    found = [NUMBER in words[:DEPTH] for rows in pair.rows.batches(compared) for words in rows.read(FIRST_WORDS)]
    if np.mean(found) >= _MOST:
        yield (
            "numbers-as-one",
            f"{percent(float(np.mean(found)))} of the texts have a date, a time or a number of more than three digits "
            "among their first words. Openings and the temperature read all of these as one: whether some of them went "
            "is not seen there.",
        )


def _lengths(pair: Pair) -> Iterator[tuple[str, str]]:
    """Of a few words less can be told than of many: that is no difference of what is spoken of."""
    medians = []
    for side in (Side.BASE, Side.NEW):
        some = np.flatnonzero(pair.matched & (pair.side == side))[:_LOOKED_AT]
        counts = [len(words) for rows in pair.rows.batches(some) for words in rows.read(RUNNING_WORDS)]
        medians.append(int(np.median(counts)) if counts else 0)
    base, new = medians
    if 0 < min(medians) <= _FEW_WORDS and max(medians) >= _FAR_MORE * min(medians):
        shorter, longer = ("base", "new") if base < new else ("new", "base")
        yield (
            "unequal-lengths",
            f"Half of the {shorter} texts have {min(medians)} words or fewer, half of the {longer} ones {max(medians)} "
            "or more: topics and personas may differ by that alone. Cut the longer ones to the same length to know.",
        )


def _single(pair: Pair) -> Iterator[tuple[str, str]]:
    counts = np.unique(pair.rows.prompts, return_counts=True)[1]
    if len(counts) and np.median(counts) < 2:
        yield (
            "one-sample-per-prompt",
            "Most prompts have one text: nothing tells what the model says from what it is asked.",
        )


def _samples(pair: Pair, judgement: Judgement) -> Iterator[tuple[str, str]]:
    compared = pair.matched & (pair.side <= Side.NEW)
    if not compared.any():
        return
    counts = np.unique(np.column_stack([pair.rows.prompts[compared], pair.side[compared]]), axis=0, return_counts=True)[
        1
    ]
    if np.median(counts) < 2:
        yield (
            "one-sample-per-prompt",
            "Most prompts have one sample a side: no temperature can be estimated. Only a mode that takes "
            "over without having been met in the base is told as a loss; any other change may be sharpening, and "
            "nothing shows whether a prompt has fewer answers than before.",
        )
    elif judgement.movement is Movement.UNKNOWN:
        message = "Fewer than six prompts with two samples a side: sharpening can't be told from other changes."
        if judgement.tree.reversal is not None and judgement.tree.reversal <= SMALL_P:
            # Whether it is a loss, the verdict says; of other prompts nothing is known.
            message += f" Only the order of first words can: it is reversed (p = {judgement.tree.reversal:.1g})."
        yield "few-prompts", message


def _copies(pair: Pair, sides: Mapping[Side, str]) -> Iterator[tuple[str, str]]:
    compared = pair.matched & (pair.side <= Side.NEW)
    for side, name in sides.items():
        repeats = Repeats.read(pair, compared, side)
        if repeats.many:
            texts = len(repeats.whole)
            yield (
                "duplicate-samples",
                f"{repeats.share * texts:.0f} of {texts} texts of {name} repeat another one of their prompt word "
                "for word. A temperature near 0 does that, and so does training on few texts; if neither is meant, "
                "look for a cache, retries, or one seed for all samples of a prompt.",
            )


def _without_copies(pair: Pair) -> Iterator[tuple[str, str]]:
    side = without_copies(pair, pair.matched & (pair.side <= Side.NEW))
    if side is not None:
        of, other = ("base", "new") if side is Side.BASE else ("new", "base")
        yield (
            "copies-left-out",
            f"No text of {of} stands twice under its prompt, and most of those that {other} repeats stand there once: "
            f"copies seem to have been taken out of {of}. Its shares are then not those of the model, and neither is "
            "the temperature: give all samples of both.",
        )


def _seeds(judgement: Judgement) -> Iterator[tuple[str, str]]:
    for side, found in judgement.dependence.items():
        if found.shared:
            yield (
                "shared-seeds",
                f"Samples of {side.name.lower()} with the same number begin alike across prompts "
                f"(p = {found.p_value:.3f}): seeds were reused between prompts, or the number stands for something. "
                f"All prompts together are worth {judgement.tree.prompts} independent ones, and tests permute whole "
                "sample numbers. With a seed of its own for every request, the same samples would tell more.",
            )


def _decoding(corpora: Mapping[str, Corpus], judgement: Judgement) -> Iterator[tuple[str, str]]:
    if judgement.movement is Movement.SHARPENED and truncation(corpora["new"]) is None:
        yield (
            "truncation-unknown",
            "Temperature or truncation: the new rows do not say whether their tail was cut off (top_p, top_k, min_p). "
            "That reads as a lower temperature, and rare modes that are missing would be back without it.",
        )
    for name in ("top_p", "top_k", "min_p"):
        seen = {
            side: sorted(set(corpus.decoding[name][~np.isnan(corpus.decoding[name])].tolist()))
            for side, corpus in corpora.items()
            if name in corpus.decoding
        }
        if seen.get("base", []) != seen.get("new", []):
            said = {side: ", ".join(f"{value:g}" for value in values) or "unknown" for side, values in seen.items()}
            yield (
                "unequal-truncation",
                f"{name} differs (base {said.get('base', 'unknown')}, new {said.get('new', 'unknown')}): "
                "truncation reads as sharpening, and takes tail modes away until it is lifted.",
            )


def _log_probabilities(corpora: Mapping[str, Corpus], judgement: Judgement) -> Iterator[tuple[str, str]]:
    for side, corpus in corpora.items():
        if corpus.malformed_logprobs:
            yield (
                "malformed-logprobs",
                f"The log probabilities of {corpus.malformed_logprobs} rows of {side} can't be used, the texts can.",
            )
    found = judgement.tree.next_tokens
    if found is None:
        return
    for side, known, scale in zip(("base", "new"), found.known, found.scales, strict=True):
        if known and scale is None:
            yield (
                "logprobs-unlike-texts",
                f"The texts of {side} were not drawn from the log probabilities beside them, neither as they stand nor "
                "at the rows' temperature (truncation does this): they are not used.",
            )
