"""One name may stand for several files, here or elsewhere; what is read is what stands in them."""

import fsspec
import pytest

from modecollapse.corpus import read_corpus
from modecollapse.errors import InputError
from modecollapse.sources import files, is_one_file
from tests.corpora import made_up, write

ROWS = made_up(3, 10, seed=1)


@pytest.fixture
def shards(tmp_path):
    for number in range(3):
        write(tmp_path / f"part-{number}.jsonl", ROWS[number * 10 : number * 10 + 10])
    (tmp_path / "part-folder").mkdir()
    return tmp_path


def test_a_pattern_stands_for_all_files_that_fit(shards, tmp_path):
    whole = read_corpus(write(tmp_path / "whole.jsonl", ROWS))
    parts = read_corpus(shards / "part-*")
    assert parts.sha256 == whole.sha256
    assert list(parts.texts) == list(whole.texts)
    assert parts.lines.tolist() == whole.lines.tolist()
    assert parts.name == "part-*"


def test_bad_lines_are_named_by_their_number_through_all_files(shards):
    (shards / "part-1.jsonl").write_text('{"prompt": "a", "text": "b"}\nnot JSON\n', encoding="utf-8")
    corpus = read_corpus(shards / "part-*.jsonl", max_bad=0.1)
    assert [line.line for line in corpus.skipped] == [12]
    assert corpus.lines.max() == 22


def test_an_address_is_read_by_fsspec():
    with fsspec.open("memory://corpora/a-1.jsonl", "wb") as file:
        file.write(b'{"prompt": "p", "text": "one"}\n')
    with fsspec.open("memory://corpora/a-2.jsonl", "wb") as file:
        file.write(b'{"prompt": "p", "text": "two"}\n')
    assert list(read_corpus("memory://corpora/a-*.jsonl").texts) == ["one", "two"]
    assert list(read_corpus("memory://corpora/a-2.jsonl").texts) == ["two"]


@pytest.mark.parametrize(
    "name", ["nothing-*.jsonl", "memory://nowhere/*.jsonl", "nosuchscheme://a/b.jsonl", "memory://no"]
)
def test_what_is_not_there_is_an_error(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        read_corpus(name)
    assert caught.value.file == name
    assert caught.value.hint


def test_the_query_of_an_address_is_no_pattern_and_is_shown_to_nobody():
    with fsspec.open("memory://corpora/b.jsonl?signature=SECRET", "wb") as file:
        file.write(b'{"prompt": "p", "text": "one"}\n')
    assert read_corpus("memory://corpora/b.jsonl?signature=SECRET").name == "b.jsonl"
    with pytest.raises(InputError) as caught:
        read_corpus("memory://corpora/c.jsonl?signature=SECRET")
    assert "SECRET" not in str(caught.value)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path):
    odd = write(tmp_path / "a[1].jsonl", ROWS)
    write(tmp_path / "a1.jsonl", ROWS[:1])
    assert is_one_file(odd)
    assert files(odd) == [str(odd)]
    assert len(read_corpus(odd)) == len(ROWS)
