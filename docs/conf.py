"""Sphinx's settings: ``sphinx-build -W --keep-going docs docs/_build/html`` makes the site.

The pages are Markdown (MyST). Whatever the project can say by itself is not written here again but gathered when the
site is built, by the small extensions in ``_ext/``:

    gathered.py     notebooks with their stored outputs, and the files that the benchmarks wrote
    reference.py    a page for each module, from ``__all__`` and the docstrings
    docstrings.py   the docstrings' few marks, for Sphinx
    listings.py     the table of operations, and the options of the command line
    pictures.py     code with the picture that it makes
    mathml.py       formulas as MathML, which browsers show without a script
"""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ.setdefault("MPLBACKEND", "agg")  # pictures of training open no window

project = "glassgrad"
author = "The glassgrad developers"
project_copyright = "the glassgrad developers"
try:
    release = version("glassgrad")
except PackageNotFoundError:  # a folder of source files
    release = ""
version = release  # type: ignore[assignment]  # Sphinx's name for it

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "docstrings",  # before napoleon, which reads what it makes
    "sphinx.ext.napoleon",
    "gathered",
    "reference",
    "listings",
    "pictures",
    "mathml",
]
exclude_patterns = ["_build", "_ext", "data"]

# --- text ---
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks come with their outputs; tests/test_notebooks.py runs them
nb_merge_streams = True
html_math_renderer = "mathml"

# --- reference ---
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autosummary_generate = False
autodoc_type_aliases = {  # a hint that is shown by its name
    name: name
    for name in ("Activation", "Array", "Average", "Loss", "Metric", "Model", "PathLike", "Sample", "Scheme", "Seed")
}
napoleon_use_ivar = True
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
default_role = "code"

# Every reference to a name of ours must lead somewhere; those to Python, NumPy and others are not links.
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!(autograd|nn|viz)\.).*")]

# --- looks ---
html_theme = "furo"
html_title = "glassgrad"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
