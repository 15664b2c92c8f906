"""Texts that lie in a file are the texts that were put there."""

import errno
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import texts as module
from modecollapse.errors import ModecollapseError
from modecollapse.texts import TextFile, Texts, take

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates as well


@pytest.fixture(params=[module.MOST_IN_MEMORY, 1_500, 8], ids=["in memory", "on disk from the middle on", "on disk"])
def file(request, monkeypatch):
    monkeypatch.setattr(module, "MOST_IN_MEMORY", request.param)
    return TextFile()


@given(st.lists(ANY_TEXT))
def test_every_text_comes_back(written):
    file = TextFile()
    for text in written:
        file.append(text)
    assert list(file) == written
    assert [file[i] for i in range(-len(written), 0)] == written


def test_reading_and_writing_may_alternate(file):
    written = []
    for number in range(20):
        written.append(f"text {number} – é😀" * number)
        file.append(written[-1])
        assert file[number // 2] == written[number // 2]
    assert file == written
    assert file[3:5] == written[3:5]
    with pytest.raises(IndexError):
        file[20]
    assert pickle.loads(pickle.dumps(file)) == written


def test_joined_texts_are_taken_without_being_read(file):
    for text in ("a", "b", "c"):
        file.append(text)
    joined = Texts.joined([file, ["x", "y"]])
    assert list(joined) == ["a", "b", "c", "x", "y"]
    some = take(joined, np.array([4, 0, 0]))
    assert isinstance(some, Texts)
    assert list(take(some, np.array([2, 0]))) == ["a", "y"]
    assert joined[1:4] == ["b", "c", "x"]
    assert take(["a", "b"], np.array([1])) == ["b"]


def test_only_the_texts_taken_go_to_another_process(file):
    for number in range(1000):
        file.append(f"text {number} " * 10)
    some = Texts.joined([file]).take(np.array([7, 3]))
    assert pickle.loads(pickle.dumps(some)) == [file[7], file[3]]
    assert len(pickle.dumps(some)) < 1000


def test_a_full_disk_is_an_error_that_says_what_to_do(monkeypatch):
    class Full:
        def seek(self, place):
            return place

        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "MOST_IN_MEMORY", 0)
    monkeypatch.setattr(module.tempfile, "TemporaryFile", Full)
    with pytest.raises(ModecollapseError, match=r"No space left on device \(set TMPDIR"):
        TextFile().append("text")
