import errno
import json
import math
import os
import random
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.errors import AutogradError
from nn import archive
from nn.archive import read, write
from nn.errors import FileFormatError, SettingError

ARRAYS = {
    "theta": np.array([0.1, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308]),
    "steps/count": np.array(7),
    "matrix": np.arange(6, dtype=np.int32).reshape(2, 3),
    "turned": np.arange(6.0).reshape(2, 3).T,
    "none": np.empty((0, 3)),
    "names": np.array(["a", "größer"]),
    "truth": np.array([True, False]),
}
ABOUT = {
    "kind": "test", "none": None, "yes": True, "n": 2**70, "x": 0.1, "text": 'Ωδ "quoted"\n\udc80', "list": [1, [2.5]],
    "dict": {"": {}, "b.c": -0.0},
}  # fmt: skip


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def leftovers(folder):
    return [p.name for p in folder.iterdir() if p.name.endswith(".tmp")]


def test_what_is_read_is_what_was_written_to_the_last_bit(tmp_path):
    write(tmp_path / "a.npz", ARRAYS, ABOUT)
    arrays, about = read(tmp_path / "a.npz")
    assert list(arrays) == list(ARRAYS)
    assert all(same(arrays[name], array) for name, array in ARRAYS.items())
    assert about == ABOUT
    assert list(about) == list(ABOUT)
    assert math.copysign(1.0, about["dict"]["b.c"]) == -1.0
    assert list(tmp_path.iterdir()) == [tmp_path / "a.npz"]


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_every_float_survives_with_all_its_bits(tmp_path_factory, patterns):
    path = tmp_path_factory.getbasetemp() / "bits.npz"
    bits = np.array(patterns, dtype=np.uint64)
    write(path, {"x": bits.view(np.float64)}, {})
    arrays, _ = read(path)
    assert arrays["x"].view(np.uint64).tolist() == patterns


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_every_description_survives(tmp_path_factory, about):
    path = tmp_path_factory.getbasetemp() / "about.npz"
    write(path, {}, about)
    assert read(path) == ({}, about)


def test_numpys_numbers_and_arrays_in_the_description_become_pythons(tmp_path):
    about = {
        "mean": np.array([0.1, 0.2]), "n": np.int64(3), "x": np.float32(0.5), "ok": np.True_, "word": np.str_("a"),
        "classes": np.array(["no", "yes"]), "pair": (1, (2,)), "nan": math.nan,
    }  # fmt: skip
    write(tmp_path / "a", {}, about)
    _, read_about = read(tmp_path / "a")
    assert math.isnan(read_about.pop("nan"))
    assert read_about == {
        "mean": [0.1, 0.2], "n": 3, "x": 0.5, "ok": True, "word": "a", "classes": ["no", "yes"], "pair": [1, [2]],
    }  # fmt: skip
    assert type(read_about["ok"]) is bool


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"a": {1: "no"}}, r"about\['a'\] has the key 1; keys in a file are texts, as in '1'"),
        ({"a": [0, {1, 2}]}, r"about\['a'\]\[1\] is \{1, 2\}; a file takes numbers"),
        ({"z": 1j}, r"about\['z'\] is 1j"),
        ({"f": len}, "built-in function len"),
        ({"o": np.array([None, object()])}, r"about\['o'\]\[1\] is <object"),
        ({"b": b"bytes"}, "b'bytes'"),
    ],
)
def test_a_description_that_json_cannot_hold_is_refused_before_anything_is_written(tmp_path, about, message):
    write(tmp_path / "a", {}, {"old": 1})
    with pytest.raises(SettingError, match=message):
        write(tmp_path / "a", {}, about)
    assert read(tmp_path / "a") == ({}, {"old": 1})
    assert leftovers(tmp_path) == []


def test_arrays_of_objects_are_refused(tmp_path):
    with pytest.raises(SettingError, match="'bad' holds Python objects"):
        write(tmp_path / "a", {"good": np.zeros(2), "bad": np.array([None, 1.0])}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "a\\b", "a\0b", "a\nb", 3])
def test_a_name_that_a_zip_would_change_is_refused(tmp_path, name):
    with pytest.raises(SettingError, match="an array's name"):
        write(tmp_path / "a", {name: np.zeros(1)}, {})
    assert list(tmp_path.iterdir()) == []


def test_the_path_keeps_its_very_name(tmp_path):
    for name in ("model", "model.npz", "model.v1", "Modell ä.npz", "x" * 250):
        write(tmp_path / name, {"a": np.zeros(1)}, {})
        assert (tmp_path / name).is_file()
        write(str(tmp_path / name), {}, {"again": True})
        assert read(str(tmp_path / name))[1] == {"again": True}
    assert len(list(tmp_path.iterdir())) == 5


def test_a_path_in_the_present_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("a.npz", {}, {"here": 1})
    assert read("a.npz")[1] == {"here": 1}


def test_the_same_content_gives_the_same_bytes(tmp_path, monkeypatch):
    write(tmp_path / "a", ARRAYS, ABOUT)
    monkeypatch.setattr(time, "time", lambda: 2e9)
    write(tmp_path / "b", ARRAYS, ABOUT)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    write(tmp_path / "b", {**ARRAYS, "theta": ARRAYS["theta"] + 1}, ABOUT)
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_numpy_and_unzip_can_read_it(tmp_path):
    write(tmp_path / "a.npz", {"theta": np.array([1.5, 2.5])}, {"kind": "x"})
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert file["theta"].tolist() == [1.5, 2.5]
    with zipfile.ZipFile(tmp_path / "a.npz") as file:
        assert file.testzip() is None
        head = json.loads(file.read("about.json"))
    assert head == {"format": "glassgrad", "version": 1, "arrays": ["theta"], "about": {"kind": "x"}}


# --- files that are not what they should be ---


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("small") / "small.npz"
    write(path, {"w": np.array([1.0, 2.0])}, {"kind": "k"})
    return path.read_bytes()


def test_a_file_cut_off_anywhere_is_refused(tmp_path, content):
    path = tmp_path / "cut.npz"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(FileFormatError, match=r"write it anew|begins with") as refusal:
            read(path)
        assert str(path) in str(refusal.value)


def test_a_flipped_bit_is_noticed_or_harmless(tmp_path, content):
    path = tmp_path / "flipped.npz"
    path.write_bytes(content)
    arrays, about = read(path)
    noticed = 0
    for i in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[i] ^= 1 << bit
            path.write_bytes(flipped)
            try:
                again, about_again = read(path)
            except FileFormatError:
                noticed += 1
            else:  # in a date, say, or a permission
                assert about_again == about
                assert list(again) == list(arrays)
                assert same(again["w"], arrays["w"])
    assert noticed > 0.7 * 8 * len(content)


def test_noise_in_a_file_is_refused(tmp_path, content):
    rng = random.Random(0)  # noqa: S311  # a test
    path = tmp_path / "noise.npz"
    for _ in range(300):
        noisy = bytearray(content)
        start, length = rng.randrange(len(content)), rng.randrange(2, 40)
        noisy[start : start + length] = rng.randbytes(length)
        path.write_bytes(noisy)
        try:
            arrays, about = read(path)
        except FileFormatError:
            continue
        assert about == {"kind": "k"}
        assert arrays["w"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: p.write_text("height,age\n1.8,35\n"), r"begins with b'height,age\\n1'"),
        (lambda p: np.savez(open(p, "wb"), w=np.zeros(2)), "if it is NumPy's, numpy.load reads it"),  # noqa: SIM115
        (lambda p: np.save(open(p, "wb"), np.zeros(2)), r"begins with b.\\x93NUMPY"),  # noqa: SIM115
        (lambda p: shutil.copy(__file__, p), "begins with b'import errno'"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_foreign_files_are_refused_by_what_they_are(tmp_path, make, message):
    path = tmp_path / "foreign.npz"
    make(path)
    with pytest.raises(FileFormatError, match=message) as refusal:
        read(path)
    assert str(path) in str(refusal.value)
    assert isinstance(refusal.value, (AutogradError, ValueError))


def zip_of(path, **members):
    with zipfile.ZipFile(path, "w") as file:
        for name, text in members.items():
            file.writestr(name.replace("_", "."), text)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ('{"format": "glassgrad", "version": 2, "about": {}}', "format version 2, and this glassgrad reads up to 1"),
        ('{"format": "glassgrad", "version": "x", "about": {}}', "format version x"),
        ('{"format": "glassgrad", "version": 1}', "damaged"),
        ('{"format": "glassgrad", "version": 1, "arrays": [], "about": 5}', "damaged"),
        ('{"format": "glassgrad", "version": 1, "arrays": ["w"], "about": {}}', "damaged"),
        ('{"format": "other", "version": 1, "about": {}}', "no file that glassgrad wrote"),
        ("[1, 2]", "no file that glassgrad wrote"),
        ("{", "damaged"),
        ("[" * 100_000, "damaged"),
    ],
)
def test_heads_that_do_not_fit_are_refused(tmp_path, head, message):
    zip_of(tmp_path / "a", about_json=head)
    with pytest.raises(FileFormatError, match=message):
        read(tmp_path / "a")


def test_a_pickle_inside_is_never_loaded(tmp_path):
    path = tmp_path / "evil.npz"
    np.savez(path, w=np.array([print], dtype=object))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("about.json", '{"format": "glassgrad", "version": 1, "arrays": ["w"], "about": {}}')
    with pytest.raises(FileFormatError, match="allow_pickle=False"):
        read(path)


def test_another_kind_is_refused_by_both_names(tmp_path):
    write(tmp_path / "a", {}, {"kind": "checkpoint"})
    assert read(tmp_path / "a", "checkpoint") == ({}, {"kind": "checkpoint"})
    with pytest.raises(FileFormatError, match="holds a checkpoint, where a model is needed"):
        read(tmp_path / "a", "model")


def test_a_missing_file_is_python_s_error_with_a_hint(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file") as missing:
        read(tmp_path / "model")
    assert missing.value.filename == str(tmp_path / "model")
    assert missing.value.errno == errno.ENOENT
    write(tmp_path / "model.npz", {}, {})
    with pytest.raises(FileNotFoundError, match=r"did you mean '.*model\.npz'"):
        read(tmp_path / "model")
    with pytest.raises(OSError, match=r"directory|denied"):
        read(tmp_path)


# --- places that cannot be written ---


def test_places_that_cannot_be_written_say_so_by_the_name_given(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    for path, error, message in (
        (tmp_path / "nowhere" / "a.npz", FileNotFoundError, "its folder does not exist"),
        (tmp_path / "file" / "a.npz", FileNotFoundError, "its folder does not exist"),
        (tmp_path / "folder", IsADirectoryError, "this is a folder"),
        (tmp_path / ("y" * 300), OSError, "name too long"),
    ):
        with pytest.raises(error, match=f"(?i){message}") as refusal:
            write(path, {}, {})
        assert refusal.value.filename == str(path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes in the file system")
def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a device or a pipe"):
        write(tmp_path / "pipe", {}, {})
    assert (tmp_path / "pipe").is_fifo()


def test_a_read_only_file_and_a_read_only_folder_stay(tmp_path, monkeypatch):
    write(tmp_path / "a", {}, {"old": 1})
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a")  # root may write everywhere
    with pytest.raises(PermissionError, match="read-only"):
        write(tmp_path / "a", {}, {"new": 1})
    assert read(tmp_path / "a")[1] == {"old": 1}
    if os.name == "posix" and os.geteuid():
        tmp_path.chmod(0o500)
        try:
            with pytest.raises(PermissionError, match="cannot write the file"):
                write(tmp_path / "b", {}, {})
        finally:
            tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_permissions_are_those_of_any_new_file_or_of_the_old_one(tmp_path):
    (tmp_path / "plain").write_text("")
    write(tmp_path / "a", {}, {})
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "a").chmod(0o640)
    write(tmp_path / "a", {}, {"new": 1})
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="links of POSIX")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "runs").mkdir()
    write(tmp_path / "runs" / "a", {}, {"old": 1})
    (tmp_path / "latest").symlink_to(Path("runs") / "a")
    write(tmp_path / "latest", {}, {"new": 1})
    assert (tmp_path / "latest").is_symlink()
    assert read(tmp_path / "runs" / "a")[1] == {"new": 1}
    assert leftovers(tmp_path) == leftovers(tmp_path / "runs") == []


# --- interruptions ---


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), MemoryError()]
)
def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, call, error):
    path = tmp_path / "a"
    write(path, {"w": np.zeros(3)}, {"old": 1})
    before = path.read_bytes()

    def fail(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(type(error)) as failure:
            write(path, {"w": np.ones(3)}, {"new": 1})
    if isinstance(error, OSError):
        assert (failure.value.errno, failure.value.filename) == (errno.ENOSPC, str(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_content_is_on_the_disk_before_the_file_takes_its_place(tmp_path, monkeypatch):
    events = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor):
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file"
        events.append((kind, os.fstat(descriptor).st_size))
        fsync(descriptor)

    def noted_replace(source, target):
        events.append(("replace", Path(source).stat().st_size))
        assert Path(source).parent == Path(target).parent  # a rename within one file system is atomic
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write(tmp_path / "a", ARRAYS, ABOUT)
    size = (tmp_path / "a").stat().st_size
    assert events[:2] == [("file", size), ("replace", size)]
    assert [kind for kind, _ in events[2:]] == (["folder"] if os.name == "posix" else [])


def test_a_file_system_that_cannot_sync_folders_is_no_error(tmp_path, monkeypatch):
    fsync = os.fsync

    def files_only(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    write(tmp_path / "a", {}, {"n": 1})
    assert read(tmp_path / "a")[1] == {"n": 1}


def test_left_over_temporary_files_do_no_harm(tmp_path):
    for i in range(3):
        (tmp_path / f".glassgrad-{i:016x}.tmp").write_bytes(b"half a fi")
    write(tmp_path / "a", {}, {"n": 1})
    assert read(tmp_path / "a")[1] == {"n": 1}
    assert len(leftovers(tmp_path)) == 3


WRITER = """
import sys
import numpy as np
from nn.archive import write
n = int(sys.argv[2])
while True:
    n += 1
    write(sys.argv[1], {"w": np.full(20_000, float(n))}, {"n": n})
    if n % 5 == 0:
        print(n, flush=True)
"""


def kill_while_writing(path, times, seed):
    """Kill a process that writes one file after the other; the file must hold one of its versions, and a late one."""
    rng = random.Random(seed)  # noqa: S311  # a test
    n = 0
    for _ in range(times):
        environment = {**os.environ, "PYTHONPATH": str(Path(archive.__file__).parent.parent)}
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, path, str(n)], stdout=subprocess.PIPE, env=environment
        )
        reported = int(process.stdout.readline())
        time.sleep(rng.uniform(0.0, 0.05))
        process.kill()
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        arrays, about = read(path)
        n = about["n"]
        assert n >= int(rest[-1] if rest and rest[-1].isdigit() else reported)
        assert np.array_equal(arrays["w"], np.full(20_000, float(n)))


def test_a_killed_process_leaves_one_version_in_full(tmp_path):
    kill_while_writing(tmp_path / "a", 2, seed=0)


@pytest.mark.slow
def test_a_process_killed_twenty_times_always_leaves_one_version_in_full(tmp_path):
    kill_while_writing(tmp_path / "a", 20, seed=1)
