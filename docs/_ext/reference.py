"""The reference: a page for each module, with all public names, from ``__all__`` and the docstrings.

Nothing is listed by hand but the public modules below. A name belongs to the page of the module that defines it, or of
that module's package: ``nn.Adam`` stands on the page ``nn.optimizers``, under the name by which it is imported.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from gathered import write_all
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PyObject  # type: ignore[attr-defined]
from sphinx.environment import BuildEnvironment
from sphinx.util.inspect import TypeAliasForwardRef

from autograd import Value

PACKAGES = ("autograd", "nn", "viz")
# Modules that are imported by their own names. Those without an __all__ show what they define.
MODULES = {
    "autograd": ["autograd.errors"],
    "nn": ["nn.optimizers", "nn.optimizers.schedules", "nn.metrics", "nn.initial", "nn.estimators", "nn.errors"],
    "viz": ["viz.plots", "viz.errors"],
}
# What the names above return or hand on, and what PACKAGES leave out of __all__ for the sake of Python's own names.
FURTHER = [
    "autograd.compile", "autograd.sum", "autograd.max", "autograd.min",
    "autograd.graph.ForwardStep", "autograd.graph.BackwardStep", "autograd.graph.Contribution",
    "autograd.check.Comparison", "autograd.ops.Op", "autograd.ops.Domain", "autograd.program.program.Stats",
    "autograd.explain.Explanation", "autograd.explain.Path", "autograd.explain.Edge", "nn.saving.about",
    "nn.tables.Table", "nn.summary.Summary",
]  # fmt: skip
# The pages of a package that stand before the others.
FIRST = [
    "value", "graph", "operations", "reductions", "program", "explain", "check", "gate", "layers", "module",
    "sequential", "losses", "training", "optimizers", "data", "tables", "preparation", "drawing", "page", "animation",
    "network",
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A public name: ``nn.MLP``, the object, and the page (``nn.layers``) it stands on."""

    name: str
    thing: Any
    page: str
    line: tuple[str, int]  # module and line, by which a page's entries are ordered

    @property
    def home(self) -> str:
        """The name with which type hints mention it: ``nn.layers.MLP``."""
        return f"{self.thing.__module__ or 'autograd'}.{self.thing.__qualname__}"


def entries() -> list[Entry]:
    """Return all public names once, each under the shortest name by which it is imported."""
    found: dict[int, Entry] = {}
    for package in PACKAGES:
        for module in (package, *MODULES[package]):
            for name in _public(importlib.import_module(module)):
                _add(found, f"{module}.{name}")
    for name in FURTHER:
        _add(found, name)
    return list(found.values())


def _public(module: ModuleType) -> list[str]:
    if hasattr(module, "__all__"):
        return list(module.__all__)
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_") and getattr(thing, "__module__", None) == module.__name__
    ]


def _add(found: dict[int, Entry], name: str) -> None:
    module, _, attribute = name.rpartition(".")
    thing = getattr(importlib.import_module(module), attribute)
    if isinstance(thing, ModuleType) or id(thing) in found or not hasattr(thing, "__qualname__"):
        return
    home = thing.__module__ or ""
    if not home:  # generated from a row of the table
        found[id(thing)] = Entry(name, thing, "autograd.operations", ("", len(found)))
        return
    page = ".".join(home.split(".")[:2])
    try:
        line = inspect.getsourcelines(thing)[1]
    except (OSError, TypeError):
        line = len(found)
    found[id(thing)] = Entry(name, thing, page, (home, line))


# --- the pages --------------------------------------------------------------------------------------------------------


def write_pages(app: Sphinx) -> None:
    """Write a page for each module, and one for each package that lists them."""
    everything = entries()
    app.env.public_names = {entry.home: entry.name for entry in everything}  # type: ignore[attr-defined]
    for package in PACKAGES:
        pages: dict[str, list[Entry]] = {}
        for entry in everything:
            if entry.page.split(".")[0] == package:
                pages.setdefault(entry.page, []).append(entry)
        for listed in pages.values():
            listed.sort(key=_rank)
        wanted = {f"{page.split('.')[1]}.rst": _page(page, listed).encode() for page, listed in pages.items()}
        wanted["index.rst"] = _package(package, pages).encode()
        folder = Path(app.srcdir) / "reference" / package
        write_all(folder, wanted, "*.rst")


def _package(package: str, pages: dict[str, list[Entry]]) -> str:
    lines = [f"``{package}``", "=" * (len(package) + 4), ""]
    lines += _module(package)
    for page in _in_order(pages):
        lines += [f":doc:`{page} <{page.split('.')[1]}>`", ""]
        rows = [entry.name.rpartition(".")[2] for entry in pages[page] if not entry.thing.__module__]
        if rows:
            lines += ["   Rows of :doc:`the table of operations </reference/operations>`, as functions and methods:"]
            lines += ["   " + ", ".join(f":py:func:`{row} <autograd.{row}>`" for row in rows), ""]
        lines += [".. autosummary::", "   :nosignatures:", ""]
        lines += [f"   {entry.name}" for entry in pages[page] if entry.thing.__module__]
        lines += [""]
    lines += [".. toctree::", "   :hidden:", ""]
    lines += [f"   {page} <{page.split('.')[1]}>" for page in _in_order(pages)]
    return "\n".join(lines) + "\n"


def _rank(entry: Entry) -> tuple[Any, ...]:
    """Return what a page's entries are ordered by: first what is imported by the shortest name, and functions."""
    *path, name = entry.name.split(".")
    return len(path), name.lower() != entry.page.split(".")[1], isinstance(entry.thing, type), entry.line


def _in_order(pages: Iterable[str]) -> list[str]:
    """Return pages in the order of FIRST, then by name, errors last."""

    def place(page: str) -> tuple[bool, int, str]:
        name = page.split(".")[1]
        return name == "errors", FIRST.index(name) if name in FIRST else len(FIRST), name

    return sorted(pages, key=place)


def _page(page: str, listed: list[Entry]) -> str:
    lines = [f"``{page}``", "=" * (len(page) + 4), "", *_module(page)]
    for entry in listed:
        if page == "autograd.operations" and not entry.thing.__module__:
            lines += _operation(entry)
        elif isinstance(entry.thing, type):
            kind = "exception" if issubclass(entry.thing, BaseException) else "class"
            lines += [f".. auto{kind}:: {entry.name}", "   :members:", "   :special-members: __call__"]
            lines += ["   :show-inheritance:"] if entry.thing.__bases__ != (object,) else []
            lines += [""]
            if entry.thing is Value:
                lines += [
                    "The operations of :doc:`the table </reference/operations>` are methods of Value as well; see "
                ]
                lines += [":doc:`operations`.", ""]
        else:
            lines += [f".. autofunction:: {entry.name}", ""]
    return "\n".join(lines) + "\n"


def _module(name: str) -> list[str]:
    """Return what shows a module's docstring, and leaves no trace: viz.page is a function as well."""
    return [f".. automodule:: {name}", "   :no-members:", "   :no-index:", "", ".. py:currentmodule:: None", ""]


def _operation(entry: Entry) -> list[str]:
    """Return the entry of a row, which is a function and a method of Value."""
    name = entry.name.rpartition(".")[2]
    arguments = list(inspect.signature(getattr(Value, name)).parameters.values())[1:]
    call = f"Value.{name}({', '.join(map(str, arguments))})"
    return [
        ".. rst-class:: twin",
        "",
        f".. py:method:: {call}",
        "   :module: autograd",
        "   :no-contents-entry:",
        "",
        f".. autofunction:: {entry.name}",
        "",
    ]


# --- what Sphinx makes of them ----------------------------------------------------------------------------------------


def resolve(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element) -> nodes.Node | None:
    """Find what a type hint or a docstring calls by another name than its public one; what has none is no link."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    names: dict[str, str] = env.public_names  # type: ignore[attr-defined]
    public = names.get(target)
    if public is None and "." not in target:  # InputError, among the errors that a docstring lists
        public = next((name for name in names.values() if name.rpartition(".")[2] == target), None)
    if public is None or public == target:
        return content if _is_there(target) else None
    return env.domains["py"].resolve_xref(env, node["refdoc"], app.builder, "obj", public, node, content)


def _is_there(name: str) -> bool:
    """Return whether a name of ours means something, if nothing that these pages describe."""
    module, _, attribute = name.rpartition(".")
    try:
        return name.startswith(PACKAGES) and hasattr(importlib.import_module(module), attribute)
    except ImportError:
        return False


def hide_constructor(
    _app: Sphinx, what: str, _name: str, thing: Any, _options: Any, signature: str | None, _returned: str | None
) -> tuple[str, None] | None:
    """Leave out the arguments of a class that does not explain them: a function makes it, as draw makes a Drawing."""
    if what not in ("class", "exception") or not signature:
        return None
    explained = is_dataclass(thing) or "Args:" in (inspect.getdoc(thing) or "")
    return None if explained else ("", None)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # as in the docstrings; Sphinx says Variables
    TypeAliasForwardRef.__repr__ = lambda hint: hint.name  # type: ignore[method-assign]  # in Array | None
    app.connect("builder-inited", write_pages)
    app.connect("missing-reference", resolve)
    app.connect("autodoc-process-signature", hide_constructor)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
