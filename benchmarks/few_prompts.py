"""What is said where there are one or two prompts, or none is known?

    python -m benchmarks.few_prompts [--jobs 2] [--write]

Corpora of known truth (``benchmarks.ground_truth``, prompts that were held out): one prompt with 40 samples a side, two
prompts with 40 each, and the 20 first samples of all 40 prompts without saying of which, also with a hot base, of which
cooling makes most. So few prompts give no temperature, and the verdict rests on the order of the first words
(``stats.order``). ``--write`` puts the table into ``docs/method.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from benchmarks.chat_models.job import Answers, Job, tabled
from benchmarks.document import put
from benchmarks.ground_truth import corpora

UNHARMED = ("base_again", "T0.3", "T0.5", "T0.7", "greedy", "T1.4", "sharpened1", "sharpened3", "flattened1")
HARMED = ("opening", "spanish", "pirate", "consciousness", "token")
COOLED = ("base", "T0.7", "T0.5", "T0.3", "greedy", "sharpened1", "sharpened3")
DRAWS = 10
PER_PROMPT, MIXED = 40, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    table = tabled(_jobs(), arguments.jobs)
    print(table)
    if arguments.write:
        put("few prompts", table)


def _jobs() -> Iterator[Job]:
    base = _answers("base")
    for kind, names in (("nothing lost", UNHARMED), ("modes lost", HARMED)):
        for prompts in (1, 2):
            for name in names:
                for draw in range(DRAWS):
                    asked = sorted(base)[draw * prompts : (draw + 1) * prompts]
                    told = f"{kind}, {prompts} prompt{'s' if prompts > 1 else ''}"
                    yield Job(told, f"{name} {draw}", _some(base, asked), _some(_answers(name), asked))
        for name in names:
            yield Job(f"{kind}, prompts not known", name, _mixed(base), _mixed(_answers(name)))
    for name in COOLED:
        yield Job(
            "nothing lost, prompts not known, T = 1.4 before", name, _mixed(_answers("T1.4")), _mixed(_answers(name))
        )


def _answers(name: str) -> Answers:
    found: Answers = {}
    for row in corpora.read(corpora.HELD_OUT, name):
        found.setdefault(row["prompt"], []).append(row["text"])
    return found


def _some(answers: Answers, prompts: list[str]) -> Answers:
    return {prompt: answers[prompt][:PER_PROMPT] for prompt in prompts}


def _mixed(answers: Answers) -> Answers:
    return {"": [text for prompt in sorted(answers) for text in answers[prompt][:MIXED]]}


if __name__ == "__main__":
    main()
