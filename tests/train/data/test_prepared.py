"""What is read once is kept, and tells all that was told of its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.data.test_sources import HEADER, ROW, table
from train.data.hashes import hash_of
from train.data.prepared import prepare
from train.errors import DatasetError


def test_skipped_rows_are_told_of_when_they_come_from_the_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = table(tmp_path, HEADER + ROW + "3\n" + ROW)
    prepare(path, tmp_path / "cache", skip_bad=True)
    assert "row 2: a row with too few columns" in caplog.text
    caplog.clear()
    again = prepare(path, tmp_path / "cache", skip_bad=True)
    assert again.was_cached
    assert again.faces.skipped == 1
    assert f"{path}: 1 bad rows or pictures are left out" in caplog.text


def test_what_is_to_be_known_of_a_source_is_told_from_the_cache_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, portrait: Path
) -> None:
    without = table(tmp_path, "emotion,pixels,split\n" + ROW)
    told = "no column is called Usage, so all are for training; unknown columns: split"
    folder = tmp_path / "mine"
    for name in ("one/fearful/a.png", "other/disgusted/b.png", "other/disgusted/c.gif"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(portrait.read_bytes())
    for source, lines in (
        (without, [told]),
        (folder, ["1 files are no pictures", "no folder is called train, val or test"]),
    ):
        for was_cached in (False, True):
            caplog.clear()
            assert prepare(source, tmp_path / "cache").was_cached == was_cached
            for line in lines:
                assert caplog.text.count(line) == 1


@pytest.mark.parametrize(
    "test", ["test_set", "TestSet", "my-val", "evals", "hold-out", "test2/ann"]
)
def test_what_may_be_a_test_split_is_not_learned_from(
    test: str, tmp_path: Path, portrait: Path
) -> None:
    for split in ("first", test):
        path = tmp_path / "mine" / split / "happy" / "a.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(portrait.read_bytes())
    told = test.lower().split("/")[0]
    with pytest.raises(DatasetError, match=rf"{told} may be splits, but no folder is called"):
        prepare(tmp_path / "mine", tmp_path / "cache")


def test_people_are_no_splits(tmp_path: Path, portrait: Path) -> None:
    for name in ("trainer", "Jean-Val", "evan", "test-person-2"):
        path = tmp_path / "test_set" / name / "happy" / "a.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(portrait.read_bytes())
    # All lie in one folder: that is what was asked for.
    assert len(prepare(tmp_path, tmp_path.parent / "cache").faces) == 4


def test_a_half_written_or_damaged_cache_is_made_again(tables: Path, tmp_path: Path) -> None:
    source = tables / "fer2013.csv"
    expected = prepare(source, tmp_path).faces.images
    (entry,) = tmp_path.glob("*.npz")
    entry.write_bytes(entry.read_bytes()[:5000])
    again = prepare(source, tmp_path)
    assert not again.was_cached
    assert (again.faces.images == expected).all()
    assert prepare(source, tmp_path).was_cached
    changed = tmp_path / "fer2013.csv"
    changed.write_text(source.read_text("utf-8") + ROW, "utf-8")
    assert len(prepare(changed, tmp_path).faces) == len(expected) + 1


def test_hidden_files_do_not_make_other_data_of_a_folder(tmp_path: Path) -> None:
    """Opening it in a file manager of macOS leaves such files."""
    folder = tmp_path / "faces" / "happy"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(b"a")
    before = hash_of(tmp_path / "faces")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "._a.png").write_bytes(b"x")
    assert hash_of(tmp_path / "faces") == before
    (folder / "b.png").write_bytes(b"b")
    assert hash_of(tmp_path / "faces") != before
