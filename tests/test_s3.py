"""Corpora in a bucket, read over the S3 protocol from a server on this machine."""

import gzip
import json
import logging
import subprocess
import sys

import boto3
import pytest
from moto.server import ThreadedMotoServer

from modecollapse.corpus import ranges, read_corpus
from modecollapse.engine.base import ONE_PROCESS
from modecollapse.errors import InputError
from tests.corpora import SAMPLE_DATA, made_up, write

ROWS = made_up(3, 10, seed=1)


@pytest.fixture(scope="module")
def bucket():
    """A bucket ``runs``; the environment says where it is and who asks, as that of a user would."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://{}:{}".format(*server.get_host_and_port()))
        for name, value in {"ACCESS_KEY_ID": "me", "SECRET_ACCESS_KEY": "mine", "DEFAULT_REGION": "us-east-1"}.items():
            patch.setenv(f"AWS_{name}", value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="runs")
        yield lambda name, content: client.put_object(Bucket="runs", Key=name, Body=content)
    server.stop()


def test_files_in_a_bucket_are_read_as_those_on_a_disk(bucket, tmp_path, monkeypatch):
    whole = write(tmp_path / "whole.jsonl", ROWS)
    lines = whole.read_bytes().splitlines(keepends=True)
    bucket("part-1.jsonl", b"".join(lines[:10]))
    bucket("part-2.jsonl.gz", gzip.compress(b"".join(lines[10:])))
    here, there = read_corpus(whole), read_corpus("s3://runs/part-*")
    assert there.sha256 == here.sha256
    assert list(there.texts) == list(here.texts)
    monkeypatch.setattr(ranges, "BYTES", 300)
    in_ranges = read_corpus("s3://runs/part-*", engine=ONE_PROCESS)
    assert in_ranges.sha256 == here.sha256
    assert in_ranges.lines.tolist() == here.lines.tolist()


@pytest.mark.parametrize("address", ["s3://runs/nothing.jsonl", "s3://runs/nothing-*.jsonl", "s3://nowhere/base.jsonl"])
def test_what_is_in_no_bucket_is_named(bucket, address):
    with pytest.raises(InputError) as caught:
        read_corpus(address)
    assert (caught.value.code, caught.value.file) == ("file-not-found", address)


def test_a_cluster_reads_buckets_and_reports_the_same(bucket, tmp_path):
    local = []
    for name in ("base", "base_T0.6"):
        rows = gzip.decompress((SAMPLE_DATA / f"{name}.jsonl.gz").read_bytes()).splitlines(keepends=True)
        for part, some in enumerate((rows[:300], rows[300:])):
            bucket(f"{name}-{part}.jsonl", b"".join(some))
            (tmp_path / f"{name}-{part}.jsonl").write_bytes(b"".join(some))
        local.append(str(tmp_path / f"{name}-*.jsonl"))
    there = [f"s3://runs/{name}-*.jsonl" for name in ("base", "base_T0.6")]
    assert _report(*there, "--engine", "ray") == _report(*local)


def _report(*arguments):
    """What the command finds with the fast encoder, without where, when and by what."""
    compare = [sys.executable, "-m", "modecollapse", "compare", "--embedder", "fast", "--no-cache", "--json"]
    ran = subprocess.run([*compare, *arguments], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    report = json.loads(ran.stdout)
    assert report["corpora"]["base"]["rows"] > 600
    return {name: value for name, value in report.items() if name != "provenance"}
