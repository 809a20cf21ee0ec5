"""The documentation: its code runs, its commands print what they are said to print, its links lead somewhere.

Examples with >>>, the other kinds of block, the extensions that make the reference, and the site as a whole.
"""

import doctest
import html.parser
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import autograd
import nn
import viz
from autograd.__main__ import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
WRITTEN = ("index.md", "faq.md", "changelog.md", "tutorial/index.md", "benchmarks/index.md", "reference/*.md")
PAGES = sorted(path for pattern in (*WRITTEN, "how-to/*.md", "how-it-works/*.md") for path in DOCS.glob(pattern))
READABLE = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

RUN = {"pycon", "{picture}", "python", "sh"}
NOT_CODE = {"text", "{toctree}", "{include}", "{literalinclude}", "{operation-table}", "{help}"}
OTHER_COMMANDS = (
    "python3 -m venv",
    ".",
    "pip",
    "jupyter",
    "export",
    "pytest",
    "ruff",
    "mypy",
    "sphinx-build",
    "python",
)

each_page = pytest.mark.parametrize("page", READABLE, ids=lambda path: str(path.relative_to(ROOT)))


def fences(page):
    """Return (kind, body, what stands between the last fence and this one) for each fenced block."""
    text = page.read_text(encoding="utf-8")
    blocks, end = [], 0
    for match in FENCE.finditer(text):
        blocks.append((match[1].split(" ")[0], match[2], text[end : match.start()]))
        end = match.end()
    return blocks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the data that the pages use, where their code runs."""
    for path in (DOCS / "data").iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(DOCS)))
@pytest.mark.usefixtures("folder")
def test_examples_print_what_they_are_said_to_print(page):
    """In a process of its own, since a page may add operations to the table."""
    if ">>>" not in page.read_text(encoding="utf-8"):
        return
    options = ("-o", "ELLIPSIS", "-o", "NORMALIZE_WHITESPACE")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "doctest", *options, str(page)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert finished.returncode == 0, finished.stdout + finished.stderr


def of_kind(kind):
    return [path for path in READABLE if any(found == kind for found, _, _ in fences(path))]


# --- every block is run, or is output ---------------------------------------------------------------------------------


def test_all_pages_are_looked_at():
    built = {"_build", "tutorial", "benchmarks"}
    rest = {path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] not in built}
    assert rest - set(PAGES) == set()
    assert len(PAGES) > 15


@each_page
def test_every_block_is_of_a_kind_that_is_run_or_is_no_code(page):
    kinds = [kind for kind, _, _ in fences(page)]
    assert [kind for kind in kinds if kind not in RUN | NOT_CODE] == []


@each_page
def test_examples_stand_in_blocks_that_are_run_and_end_before_the_fence(page):
    for kind, body, _ in fences(page):
        assert (">>>" in body) == (kind in ("pycon", "{picture}")), body
    for example in doctest.DocTestParser().get_examples(page.read_text(encoding="utf-8")):
        assert "```" not in example.want, (
            f"an empty line is wanted between these and the end of the block: {example.want}"
        )


@pytest.mark.parametrize("page", of_kind("python"), ids=lambda path: path.stem)
def test_scripts_run(page, tmp_path, monkeypatch):
    code = [body for kind, body, _ in fences(page) if kind == "python"]
    for module in re.findall(r"^import (torch|jax|sklearn)\b", "\n".join(code), re.MULTILINE):
        pytest.importorskip(module)
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    for number, body in enumerate(code):
        exec(compile(body, f"{page.name}, block {number}", "exec"), names)  # noqa: S102  # our own pages


def commands(body):
    """Return the commands of a block for the shell, comments left out."""
    lines = [line.partition(" #")[0] for line in body.replace("\\\n", " ").splitlines()]
    return [part.strip() for line in lines for part in line.split("&&") if part.strip()]


@pytest.mark.parametrize("page", [page for page in of_kind("sh") if page in PAGES], ids=lambda path: path.stem)
def test_commands_run_and_print_what_stands_below_them(page, tmp_path, monkeypatch, capsys):
    for path in (DOCS / "data").iterdir():
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    printed = None
    for kind, body, between in fences(page):
        if kind == "sh":
            printed = ""
            for command in commands(body):
                if not command.startswith("glassgrad "):
                    assert command.startswith(OTHER_COMMANDS), f"{command!r} is neither run nor known"
                    continue
                assert main(shlex.split(command)[1:]) == 0, command
                printed += capsys.readouterr().out
        elif kind == "text" and printed is not None and not between.strip():
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert doctest.OutputChecker().check_output(body, printed, flags), f"{body}\n--- printed:\n{printed}"
            printed = None
        else:
            printed = None


# --- what the site says of itself -------------------------------------------------------------------------------------


@pytest.fixture
def extensions(monkeypatch):
    pytest.importorskip("sphinx")
    monkeypatch.syspath_prepend(str(DOCS / "_ext"))
    yield
    for name in ("reference", "docstrings", "gathered", "listings", "mathml", "pictures"):
        sys.modules.pop(name, None)


def test_the_reference_has_every_public_name_once(extensions):
    import reference

    listed = [entry.name for entry in reference.entries()]
    assert len(listed) == len(set(listed))
    things = {id(entry.thing) for entry in reference.entries()}
    for package in (autograd, nn, viz):
        for name in package.__all__:
            thing = getattr(package, name)
            assert id(thing) in things or type(thing) is type(autograd), f"{package.__name__}.{name}"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("the largest |w * x| of classes_", r"the largest \|w \* x\| of classes\_"),
        ("``**named`` and ``a_`` are code", "``**named`` and ``a_`` are code"),
        ("w0, w_1 and __all__", r"w0, w_1 and __all_\_"),
    ],
)
def test_only_two_backticks_are_marks_in_a_docstring(extensions, written, wanted):
    from docstrings import escaped

    assert escaped(written) == wanted


def test_blocks_trees_examples_and_sections_of_a_docstring_are_told_apart(extensions):
    from docstrings import as_rst

    lines = [
        "A title.", "", "    a * b", "", "Root", "├── leaf*", "    └── leaf", "", ">>> a * b", "|6|", "", "Returns:",
        "    The sum: a * b.",
    ]  # fmt: skip
    assert as_rst(lines) == [
        "A title.", "", "::", "", "    a * b", "", "::", "", "    Root", "    ├── leaf*", "        └── leaf", "",
        ">>> a * b", "|6|", "", "Returns:", r"    : The sum: a \* b.",
    ]  # fmt: skip


def test_pictures_follow_the_page_into_the_dark(extensions):
    from pictures import in_the_theme

    shown = in_the_theme("<style>@media (prefers-color-scheme:dark){#g .a{fill:#000}#g .b{fill:#111}}</style>")
    rules = "#g .a{fill:#000}#g .b{fill:#111}"
    assert f'body[data-theme="dark"]{{{rules}}}' in shown
    assert f'@media (prefers-color-scheme:dark){{body:not([data-theme="light"]){{{rules}}}}}' in shown


def test_a_sign_stands_close_to_its_number_and_an_operator_apart(extensions):
    pytest.importorskip("latex2mathml")
    from mathml import mathml

    shown = mathml("x = -2 - y", "inline", None)
    assert shown.count('form="prefix"') == 1
    assert shown.index('form="prefix"') < shown.index("<mn>2</mn>")


# --- the site as a whole ----------------------------------------------------------------------------------------------


class _Page(html.parser.HTMLParser):
    """The ids of a page, where it links to, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loaded, self.titles = set(), set(), set(), 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.titles += tag == "h1"
        self.ids |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
        if tag in ("img", "script", "iframe", "source") and given.get("src"):
            self.loaded.add(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.add(given["href"])


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Build the site from a copy of docs/, so that nothing is written into the checkout."""
    for module in ("sphinx", "myst_nb", "furo", "latex2mathml"):
        pytest.importorskip(module, reason='the documentation is built with pip install "glassgrad[docs]"')
    checkout = tmp_path_factory.mktemp("checkout")
    ignore = shutil.ignore_patterns("_build", "*.ipynb", "__pycache__")
    shutil.copytree(DOCS, checkout / "docs", ignore=ignore)
    for name in ("autograd", "nn", "viz", "notebooks", "benchmarks", "CHANGELOG.md"):
        (checkout / name).symlink_to(ROOT / name)
    target = checkout / "site"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(target)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {path.relative_to(target): _Page(path.read_text("utf-8")) for path in target.rglob("*.html")}, target


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_has_all_pages(site):
    pages, _ = site
    for page in PAGES:
        assert page.relative_to(DOCS).with_suffix(".html") in pages
    for notebook in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
        assert Path("tutorial", notebook.name).with_suffix(".html") in pages
    for result in (ROOT / "benchmarks" / "results").glob("*.md"):
        assert Path("benchmarks", result.name).with_suffix(".html") in pages
    for package in ("autograd", "nn", "viz"):
        assert Path("reference", package, "index.html") in pages
    assert [str(path) for path, page in pages.items() if page.titles != 1 and path.name != "search.html"] == []


@pytest.mark.slow
def test_every_internal_link_leads_to_a_place_that_is_there(site):
    pages, target = site
    broken = defaultdict(set)
    for path, page in pages.items():
        for link in page.links | page.loaded:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            goal = (target / path.parent / unquote(parts.path)).resolve() if parts.path else (target / path).resolve()
            if not goal.exists():
                broken[str(path)].add(link)
            elif parts.fragment and goal.suffix == ".html":
                known = pages[goal.relative_to(target.resolve())].ids
                if unquote(parts.fragment) not in known:
                    broken[str(path)].add(link)
    assert dict(broken) == {}
    assert sum(len(page.links) for page in pages.values()) > 1000


@pytest.mark.slow
def test_the_site_loads_nothing_from_the_network_and_tells_nothing_of_the_machine(site):
    pages, target = site
    remote = {link for page in pages.values() for link in page.loaded if urlsplit(link).scheme in ("http", "https")}
    assert remote == set()
    for path in pages:
        text = (target / path).read_text("utf-8")
        assert str(ROOT) not in text
        assert re.findall(r"/root/|/home/\w|site-packages|pytest-of", text) == []
