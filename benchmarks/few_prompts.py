"""What is said where there are one or two prompts, or none is known?

    python -m benchmarks.few_prompts [--jobs 2] [--write]

Corpora of known truth (``benchmarks.ground_truth``, prompts that were held out): one prompt with 40 samples a side, two
prompts with 40 each, and the 20 first samples of all 40 prompts without saying of which, also with a hot base, of which
cooling makes most. So few prompts give no temperature, and the verdict rests on the order of the first words
(``stats.order``). ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.chat_models.job import Answers, Job, answers, run

UNHARMED = ("base_again", "T0.3", "T0.5", "T0.7", "greedy", "T1.4", "sharpened1", "sharpened3", "flattened1")
HARMED = ("opening", "spanish", "pirate", "consciousness", "token")
COOLED = ("base", "T0.7", "T0.5", "T0.3", "greedy", "sharpened1", "sharpened3")
DRAWS = 10
PER_PROMPT, MIXED = 40, 20


def _jobs() -> Iterator[Job]:
    base = answers("base", PER_PROMPT)
    for kind, names in (("nothing lost", UNHARMED), ("modes lost", HARMED)):
        for prompts in (1, 2):
            for name in names:
                for draw in range(DRAWS):
                    asked = sorted(base)[draw * prompts : (draw + 1) * prompts]
                    told = f"{kind}, {prompts} prompt{'s' if prompts > 1 else ''}"
                    yield Job(told, f"{name} {draw}", _some(base, asked), _some(answers(name, PER_PROMPT), asked))
        for name in names:
            yield Job(f"{kind}, prompts not known", name, _mixed(base), _mixed(answers(name, PER_PROMPT)))
    for name in COOLED:
        yield Job(
            "nothing lost, prompts not known, T = 1.4 before",
            name,
            _mixed(answers("T1.4", PER_PROMPT)),
            _mixed(answers(name, PER_PROMPT)),
        )


def _some(given: Answers, prompts: list[str]) -> Answers:
    return {prompt: given[prompt] for prompt in prompts}


def _mixed(given: Answers) -> Answers:
    return {"": [text for prompt in sorted(given) for text in given[prompt][:MIXED]]}


if __name__ == "__main__":
    run(__doc__, _jobs(), "few prompts")
