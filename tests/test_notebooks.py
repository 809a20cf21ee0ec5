"""The notebooks run, agree with their text, and are fit to be read where nobody runs them."""

import doctest
import re

import nbformat
import pytest
from nbformat import v4

from notebooks import build

STEMS = sorted(path.stem for path in build.FOLDER.glob("[0-9]*.py"))
SLOW = {path.stem for path in build.FOLDER.glob("[0-9]*.py")} - {"01_trace", "08_array_code"}  # they train networks
LARGEST = 1_000_000  # bytes; code hosts show no larger ones

each = pytest.mark.parametrize("stem", STEMS)
each_to_run = pytest.mark.parametrize(
    "stem", [pytest.param(stem, marks=pytest.mark.slow if stem in SLOW else ()) for stem in STEMS]
)


def load(stem):
    return nbformat.read(build.FOLDER / f"{stem}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cells):
    return ["".join(output.text for output in cell.outputs if output.output_type == "stream") for cell in cells]


def solutions(notebook):
    """The Python code in the prose, which is that of the exercises' solutions."""
    prose = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [code for text in prose for code in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def test_every_text_has_its_notebook():
    assert STEMS
    assert sorted(path.stem for path in build.FOLDER.glob("*.ipynb")) == STEMS


@each_to_run
def test_runs_without_a_warning_and_prints_what_it_shows(stem):
    notebook = load(stem)
    shown = printed(code_cells(notebook))
    cells = [*notebook.cells, *map(v4.new_code_cell, solutions(notebook))]
    strict = v4.new_code_cell("import warnings\nwarnings.simplefilter('error')")
    again = v4.new_notebook(cells=[strict, *cells])
    build.run(again)  # which raises what a cell raises, failed assertions among it
    assert printed(code_cells(again))[1 : len(shown) + 1] == shown


@each
def test_text_and_notebook_hold_the_same_cells(stem):
    text = build.read((build.FOLDER / f"{stem}.py").read_text(encoding="utf-8"))
    assert [(cell.cell_type, cell.source) for cell in load(stem).cells] == [
        (cell.cell_type, cell.source) for cell in text.cells
    ]


@each
def test_was_run_from_top_to_bottom_without_complaint(stem):
    cells = code_cells(load(stem))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    assert [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"] == []


@each
def test_is_small_and_says_nothing_of_the_machine_that_made_it(stem):
    path = build.FOLDER / f"{stem}.ipynb"
    assert path.stat().st_size < LARGEST
    text = path.read_text(encoding="utf-8")
    assert str(build.FOLDER.parent) not in text
    assert re.findall(r"/home/|/root|/Users/|/tmp/|\b[A-Z]:\\\\\w|site-packages|ipykernel_\d", text) == []
    assert set(load(stem).metadata.language_info) == {"name", "pygments_lexer"}  # no version of Python


@each
def test_has_an_exercise_with_a_hidden_solution(stem):
    prose = "\n".join(cell.source for cell in load(stem).cells if cell.cell_type == "markdown")
    assert prose.count("<details>\n<summary>Solution</summary>") == prose.count("</details>") > 0
    assert solutions(load(stem))


def test_building_twice_gives_the_same_bytes(tmp_path):
    text = tmp_path / "1_pictures.py"
    text.write_text(
        "# %%\nimport matplotlib.pyplot as plt\nfrom matplotlib_inline.backend_inline import set_matplotlib_formats\n\n"
        "from autograd import Value\n\nset_matplotlib_formats('svg')\nplt.plot([1, 3, 2])\nplt.show()\n"
        "# %%\nValue(2.0, label='x') * 3.0\n"
    )
    first = build.build(text).read_bytes()
    assert build.build(text).read_bytes() == first
    assert first.count(b'"image/svg+xml"') == 2


def test_doctest_of_build():
    outcome = doctest.testmod(build)
    assert outcome.attempted > 0
    assert outcome.failed == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import autograd\n# %%\n", "begins with '# %%' or '# %% [markdown]', not with 'import autograd'"),
        ("# %% [raw]\n# text\n", "'# %% [raw]' does not begin a cell"),
        ("# %% [markdown]\n# # Title\nx = 1\n", "a line of prose begins with '# ': 'x = 1'"),
    ],
)
def test_text_that_is_no_notebook_is_refused(text, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        build.read(text)
