"""Files of arrays: the one place that writes and reads them.

A file is a zip archive, as NumPy's npz: ``about.json`` says in plain text what it is, and every array is a member in
NumPy's format, without pickle, so that a file from a stranger can do no harm. ``numpy.load`` opens it, too.

Writing is atomic. Everything goes to a new file beside the old one, which takes its place when it is complete and on
the disk. So whatever happens, a kill or a power cut, the path leads to the old file or to the new one. What a kill can
leave behind is a file ``.glassgrad-….tmp``, which may be deleted.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from nn.errors import FileFormatError, SettingError

PathLike = str | os.PathLike[str]

FORMAT = "glassgrad"
VERSION = 1  # of the layout described above; a file of a higher version is refused

_ABOUT = "about.json"


def write(path: PathLike, arrays: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write arrays, and what there is to say about them, to a file; the same content always gives the same bytes.

    Args:
        path: the file, which gets just this name. One that exists is replaced; where it is a link, what it leads to.
        arrays: arrays of numbers, truth values or texts, by name.
        about: texts, numbers, truth values, None, and lists and dicts of them; its entry "kind" says what the file is.
            Arrays and NumPy's numbers become lists and numbers, tuples lists.

    Raises:
        SettingError: something in ``arrays`` or ``about`` that cannot be written; nothing is.
        OSError: the file cannot be written; what was there before is still there.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write(f"{folder}/a.npz", {"theta": np.array([0.5, -0.0])}, {"kind": "example", "step": 3})
    ...     read(f"{folder}/a.npz")
    ({'theta': array([ 0.5, -0. ])}, {'kind': 'example', 'step': 3})
    """
    put(Path(path), _encoded(arrays, about))


def read(path: PathLike, kind: str | None = None) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the description in a file that ``write`` wrote.

    Args:
        path: the file.
        kind: what the file must be, as its description's entry "kind" says.

    Raises:
        FileNotFoundError: there is no such file.
        FileFormatError: it is damaged, of a later version, of another kind, or ``write`` did not write it.
        OSError: it cannot be read.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError as error:
        similar = Path(f"{os.fspath(path)}.npz")
        hint = f"; did you mean {str(similar)!r}?" if similar.exists() else ""
        raise FileNotFoundError(errno.ENOENT, f"there is no such file{hint}", os.fspath(path)) from error
    arrays, about = _decoded(content, os.fspath(path))
    if kind is not None and about.get("kind") != kind:
        raise FileFormatError(f"{os.fspath(path)} holds a {about.get('kind', 'file')}, where a {kind} is needed")
    return arrays, about


# --- content ----------------------------------------------------------------------------------------------------------


def _encoded(arrays: Mapping[str, Any], about: Mapping[str, Any]) -> bytes:
    for name in arrays:
        if not isinstance(name, str) or not name or not name.isprintable() or "\\" in name:
            raise SettingError(f"an array's name in a file is a text of ordinary characters, not {name!r}")
    head = {"format": FORMAT, "version": VERSION, "arrays": list(arrays), "about": plain(about, "about")}
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(_member(_ABOUT), json.dumps(head, indent=1))
        for name, array in arrays.items():
            array = np.asarray(array)
            if array.dtype.hasobject:
                raise SettingError(f"the array {name!r} holds Python objects; a file takes numbers and texts")
            member = BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(_member(f"{name}.npy"), member.getvalue())
    return content.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    """Return the same entry on every machine and day."""
    member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    member.create_system, member.external_attr = 3, 0o644 << 16
    return member


def _decoded(content: bytes, path: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    if not content:
        raise FileFormatError(f"{path} is empty; write it anew")
    if not content.startswith(b"PK"):
        raise FileFormatError(f"{path} is no file that glassgrad wrote; it begins with {content[:12]!r}")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}  # which compares all checksums
        head = json.loads(members.pop(_ABOUT, b"{}"))
    except Exception as error:  # a damaged zip raises nearly anything
        raise _damaged(path, error) from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        raise FileFormatError(f"{path} is no file that glassgrad wrote; if it is NumPy's, numpy.load reads it")
    version = head.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise FileFormatError(
            f"{path} has the format version {version}, and this glassgrad reads up to {VERSION}; update glassgrad"
        )
    try:
        arrays = {name: _array(members[f"{name}.npy"]) for name in head["arrays"]}  # a zip's own list has no checksum
        about = dict(head["about"])
    except Exception as error:
        raise _damaged(path, error) from error
    return arrays, about


def _array(member: bytes) -> np.ndarray:
    stream = BytesIO(member)
    array: np.ndarray = np.lib.format.read_array(stream, allow_pickle=False)
    if stream.tell() != len(member):
        raise ValueError("an array is longer than it says")
    return array


def _damaged(path: str, error: Exception) -> FileFormatError:
    return FileFormatError(f"{path} is damaged or cut off ({error}); restore it from a copy, or write it anew")


def plain(item: Any, where: str) -> Any:
    """Return what JSON gives back unchanged: NumPy's arrays and numbers as Python's, tuples as lists.

    Args:
        item: what is to be written.
        where: its name, for the message.

    Raises:
        SettingError: it holds something else, or a dict whose keys are not texts.

    >>> plain({"mean": np.array([0.5, 1.0]), "classes": ("no", "yes")}, "about")
    {'mean': [0.5, 1.0], 'classes': ['no', 'yes']}
    """
    if isinstance(item, (np.ndarray, np.generic)):
        item = item.tolist()
    if item is None or isinstance(item, (bool, int, float, str)):
        return item
    if isinstance(item, (list, tuple)):
        return [plain(element, f"{where}[{i}]") for i, element in enumerate(item)]
    if isinstance(item, Mapping):
        for key in item:
            if not isinstance(key, str):
                raise SettingError(f"{where} has the key {key!r}; keys in a file are texts, as in {str(key)!r}")
        return {key: plain(element, f"{where}[{key!r}]") for key, element in item.items()}
    raise SettingError(f"{where} is {item!r}; a file takes numbers, texts, None, and lists, dicts and arrays of them")


# --- the disk ---------------------------------------------------------------------------------------------------------


def put(path: Path, content: bytes) -> None:
    """Let a file have this content, or on an error the one it had."""
    target = Path(os.path.realpath(path))  # a link stays a link
    check_target(path, target)
    temporary = target.parent / f".glassgrad-{secrets.token_hex(8)}.tmp"
    try:
        try:
            with open(temporary, "xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, temporary)
            os.replace(temporary, target)
        except BaseException:  # also Ctrl-C
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:  # whose own message names the temporary file
        raise OSError(error.errno, f"cannot write the file: {error.strerror}", str(path)) from error
    _sync_folder(target.parent)


def check_target(path: Path, target: Path) -> None:
    """Refuse what opening the file for writing would refuse, and devices, which a file would replace."""
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "cannot write the file: its folder does not exist; make it", str(path))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "cannot write the file: this is a folder; add a file name", str(path))
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "cannot write the file: this is a device or a pipe", str(path))
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "cannot write the file: it is read-only", str(path))


def _sync_folder(folder: Path) -> None:
    """Have the folder's new entry on the disk, where the system can; the file itself is there already."""
    if os.name == "posix":
        with suppress(OSError):  # some file systems do not offer it
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
