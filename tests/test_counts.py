"""Counts by tables typed by hand: everything that the statistics see comes through here."""

from collections import Counter

import numpy as np
import pytest

from modecollapse.counts import CountTable, WordTree, stack

NONE = -1

# prompt, side (b/n), label at level 0 (modes 0, 1), label at level 1 (mode 2)
ROWS = [
    (5, "b", 0, NONE),
    (5, "b", 0, 2),
    (5, "b", 1, 2),
    (5, "n", 0, 2),
    (9, "b", 1, NONE),
    (9, "n", 1, NONE),
    (9, "n", NONE, NONE),
    (7, "b", 0, 2),  # a prompt on one side only
]


def table(rows=ROWS):
    prompts, sides, first, second = zip(*rows, strict=True)
    return CountTable.from_rows(
        np.array(prompts), np.array(sides) == "n", np.column_stack([first, second]), np.array([0, 0, 1])
    )


def test_counts_by_prompt_and_mode():
    base, new = table().by_mode()
    assert base.tolist() == [[2, 1, 2], [0, 1, 0]]
    assert new.tolist() == [[1, 0, 1], [0, 1, 0]]


def test_rows_without_a_mode_still_count_in_the_totals():
    base, new = table().totals()
    assert (base.tolist(), new.tolist()) == ([3, 1], [1, 2])


def test_prompts_on_one_side_are_left_out():
    assert table().n_prompts == 2
    assert table().base.sum() == 4


def test_order_of_rows_makes_no_difference():
    one, other = table(), table(ROWS[::-1])
    for name in ("prompts", "labels", "base", "new"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@pytest.mark.parametrize("levels", [1, 3, 30], ids=["few", "several", "more than one number can stand for"])
def test_cells_hold_what_counting_row_by_row_finds(levels):
    random = np.random.default_rng(levels)
    prompts, new = random.integers(5, size=400), random.random(400) < 0.5
    labels = random.integers(-1, 3, size=(400, levels))
    blocks = random.integers(7, size=400)
    counts = CountTable.from_rows(prompts, new, labels, np.zeros(3), blocks)
    expected = Counter(zip(prompts.tolist(), *labels.T.tolist(), blocks.tolist(), strict=True))
    cells = list(zip(counts.prompts.tolist(), *counts.labels.T.tolist(), counts.blocks.tolist(), strict=True))
    assert cells == sorted(expected)
    assert (counts.base + counts.new).tolist() == [expected[cell] for cell in cells]
    assert counts.new.sum() == new.sum()


def test_rows_come_back_from_cells():
    counts = table()
    cells, new = counts.rows()
    assert np.bincount(cells[~new], minlength=len(counts.base)).tolist() == counts.base.tolist()
    assert np.bincount(cells[new], minlength=len(counts.new)).tolist() == counts.new.tolist()


def test_taking_a_mode_away_drops_prompts_left_with_one_side():
    """Without mode 0, prompt 5 has no new rows left; prompt 9 becomes the first."""
    counts = table()
    left = counts.take(~counts.member(0))
    assert left.n_prompts == 1
    assert [side.tolist() for side in left.by_mode()] == [[[0, 1, 0]], [[0, 1, 0]]]
    assert [side.tolist() for side in left.totals()] == [[1], [2]]


def test_swapped_exchanges_the_sides():
    counts, swapped = table(), table().swapped()
    assert [side.tolist() for side in swapped.by_mode()] == [side.tolist() for side in counts.by_mode()[::-1]]


def test_rows_without_a_mode_are_a_child_of_their_own():
    nodes = table().nodes(level=0)
    assert nodes.node.tolist() == [0, 0, 1, 1]
    assert nodes.word.tolist() == [0, 1, NONE, 1]
    assert nodes.base.tolist() == [2, 1, 0, 1]
    assert nodes.new.tolist() == [1, 0, 1, 1]


def test_no_rows_at_all():
    nothing = CountTable.from_rows(
        np.zeros(0, dtype=int), np.zeros(0, dtype=bool), np.zeros((0, 1), dtype=int), np.array([0])
    )
    assert nothing.n_prompts == 0
    assert [side.shape for side in nothing.by_mode()] == [(0, 1), (0, 1)]


# "a b", "a b", "a c" against "a b", "a c" in prompt 0; in prompt 1 a text that ends after "a" (-1 follows)
TREE = WordTree(
    prompts=np.array([0, 0, 0, 0, 0, 1, 1]),
    new=np.array([False, False, False, True, True, False, True]),
    words=np.array([[1, 2], [1, 2], [1, 3], [1, 2], [1, 3], [1, NONE], [1, 2]], dtype=np.int32),
)


def test_first_words():
    nodes = TREE.nodes(1, min_base=1, min_new=1)
    assert nodes.prompt.tolist() == [0, 1]
    assert [side.tolist() for side in nodes.totals()] == [[3, 1], [2, 1]]
    assert nodes.word.tolist() == [1, 1]


def test_second_words_leave_out_texts_that_have_ended():
    nodes = TREE.nodes(2, min_base=0, min_new=0)
    assert nodes.prompt.tolist() == [0, 1]
    assert nodes.node.tolist() == [0, 0, 1]
    assert nodes.base.tolist() == [2, 1, 0]
    assert nodes.new.tolist() == [1, 1, 1]


@pytest.mark.parametrize(("least_base", "least_new", "left"), [(3, 2, [0]), (4, 1, []), (1, 3, [])])
def test_nodes_need_texts_of_both_sides(least_base, least_new, left):
    nodes = TREE.nodes(1, least_base, least_new)
    assert nodes.prompt.tolist() == left
    assert len(nodes.node) == len(left)


def test_nodes_of_several_depths_keep_their_prompts():
    nodes = stack([TREE.nodes(1, 1, 1), TREE.nodes(2, 1, 1)])
    assert nodes.depth.tolist() == [1, 1, 2]
    assert nodes.prompt.tolist() == [0, 1, 0]
    assert nodes.take(nodes.depth == 2).base.tolist() == [2, 1]


def test_rows_of_a_tree_can_be_taken():
    assert TREE.take(TREE.prompts == 1).nodes(1, 1, 1).prompt.tolist() == [1]


def test_a_thinned_table_keeps_the_shares_of_every_prompt_and_side():
    random = np.random.default_rng(0)
    rows = 40_000
    prompts, new = random.integers(20, size=rows), random.random(rows) < 0.3
    labels = np.where(random.random(rows) < 0.1 + 0.2 * new, 0, 1)[:, None]
    table = CountTable.from_rows(prompts, new, labels, np.array([0, 0]))
    thinned = table.thinned(10_000, seed=1)
    for before, after in zip(table.totals(), thinned.totals(), strict=True):
        assert np.abs(after - before / 4).max() <= 1
    for before, after, share in zip(table.by_mode(), thinned.by_mode(), (0.1, 0.3), strict=True):
        assert (after <= before).all()
        assert abs(after[:, 0].sum() / after.sum() - share) < 0.02
    assert table.thinned(rows, seed=1) is table


def test_a_template_that_all_texts_begin_with_is_no_part_of_the_tree():
    rng = np.random.default_rng(5)
    bare = rng.integers(3, 9, size=(200, 6))
    new = np.arange(200) % 2 == 1
    behind = np.column_stack([np.full(200, 1), np.full(200, 2), bare])
    behind[::40] = [7, 7, 7, 7, 7, 7, 7, -1]
    tree = WordTree(np.arange(200) % 5, new, behind).past_shared()
    kept = np.arange(200) % 40 != 0
    assert (tree.words[kept, :6] == bare[kept]).all()
    assert (tree.words[kept, 6:] == -1).all()
    assert (tree.words[~kept] == behind[~kept]).all()


@pytest.mark.parametrize("side", [False, True])
def test_what_one_side_alone_begins_with_stays_in_the_tree(side):
    words = np.column_stack([np.full(100, 1), np.arange(100) % 7, np.arange(100) % 3])
    new = np.arange(100) % 2 == 1
    words[new == side, 0] = np.arange(50) % 6
    tree = WordTree(np.zeros(100, dtype=np.int64), new, words)
    assert (tree.past_shared().words == words).all()
