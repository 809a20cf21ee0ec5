"""The examples run, print what their README says, and find what is there to be found."""

import ast
import itertools
import os
import random
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nn

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
README = (EXAMPLES / "README.md").read_text(encoding="utf-8")
SECTIONS = {title.lower(): text for title, text in re.findall(r"^## (.+)$([\s\S]*?)(?=^## |\Z)", README, re.MULTILINE)}
STEMS = sorted(path.stem for path in EXAMPLES.glob("*.py"))
NEEDS = {"curve": "matplotlib", "digits": "sklearn", "moons": "matplotlib"}  # to print what the README shows
SLOW = {"characters", "digits"}  # other tests run them with fewer epochs
LONGEST = 40  # lines of a script

each = pytest.mark.parametrize("stem", STEMS)


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """A function that runs an example in an empty folder and returns its variables and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")  # no window
    state = random.getstate()

    def run(stem, epochs=None):
        if epochs is not None:
            monkeypatch.setattr(
                nn, "fit", lambda *args, **options: fit(*args, **{**options, "epochs": min(epochs, options["epochs"])})
            )
        variables = runpy.run_path(str(EXAMPLES / f"{stem}.py"), run_name="__main__")
        return variables, capsys.readouterr().out

    fit = nn.fit
    yield run
    random.setstate(state)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def block(stem, language):
    """The code or the output in the README's section on an example."""
    return re.search(rf"^```{language}\n(.*?)^```$", SECTIONS[stem], re.MULTILINE | re.DOTALL)[1]


def assert_alike(printed, shown):
    """The words are the same, and the numbers are near; those in microseconds are the machine's."""
    parts = [re.split(r"(\d+(?:\.\d+)?)", re.sub(r"\d+ µs", "µs", text)) for text in (printed, shown)]
    assert parts[0][::2] == parts[1][::2]
    assert [float(x) for x in parts[0][1::2]] == pytest.approx([float(x) for x in parts[1][1::2]], rel=0.02, abs=0.002)


def percentages(printed):
    return [float(number) / 100 for number in re.findall(r"([\d.]+)%", printed)]


# --- all of them ------------------------------------------------------------------------------------------------------


def test_the_readme_has_a_section_for_each():
    assert sorted(SECTIONS) == STEMS
    assert len(STEMS) == 5
    assert [block(stem, "sh") for stem in STEMS] == [f"python examples/{stem}.py\n" for stem in STEMS]


@pytest.mark.parametrize("stem", [pytest.param(s, marks=pytest.mark.slow if s in SLOW else ()) for s in STEMS])
def test_prints_what_the_readme_shows(stem, run):
    if stem in NEEDS:
        pytest.importorskip(NEEDS[stem])
    _, printed = run(stem)
    assert_alike(printed, block(stem, "text"))
    for name in re.findall(r"See (\S+)", printed):
        assert Path(name).stat().st_size > 1000


def test_runs_by_the_command_in_the_readme(tmp_path):
    command = [sys.executable, str(EXAMPLES / "xor.py")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "error"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert_alike(done.stdout, block("xor", "text"))
    assert done.stderr == ""


@each
def test_is_short_and_uses_the_public_names_only(stem):
    text = (EXAMPLES / f"{stem}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    modules = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in modules if module.split(".")[0] in ("autograd", "nn", "viz")}
    assert ours <= {"autograd", "nn", "viz", "viz.plots"}


@pytest.mark.parametrize(("stem", "hint"), [("moons", "glassgrad[plot]"), ("curve", "pip install matplotlib")])
def test_does_without_matplotlib(stem, hint, run, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib" or name.startswith("viz.plots")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # which makes its import fail
    _, printed = run(stem, epochs=2)
    assert hint in printed.splitlines()[-1]
    assert list(Path().iterdir()) == []


# --- what each finds --------------------------------------------------------------------------------------------------


def test_xor_is_learned_and_its_slope_is_that_of_finite_differences(run):
    variables, printed = run("xor")
    assert [probability > 0.5 for probability in percentages(printed)] == [False, True, True, False]
    first = nn.MLP(2, [2, 1], activation="tanh", seed=1)
    weight = first.layers[0].neurons[0].w[1]

    def loss(w):
        weight.data = w
        return float(np.log1p(np.exp(-first([0.0, 1.0]).data)))  # -ln σ(s), the label being 1

    here = weight.data
    slope = (loss(here + 1e-5) - loss(here - 1e-5)) / 2e-5
    assert f"is {slope:.3f}\n" in printed
    assert variables["weight"].grad == pytest.approx(slope, rel=1e-6)


def test_moons_are_told_apart_and_both_paths_do_the_same_steps(run):
    variables, printed = run("moons", epochs=60)
    assert percentages(printed)[0] > 0.97
    assert variables["history"].path == "compiled"
    assert variables["eager"].path == "eager"
    assert variables["eager"]["loss"][0] == pytest.approx(variables["history"]["loss"][0], rel=1e-12)
    assert variables["uncompiled"] > variables["compiled"]


def test_digits_are_read_after_a_few_epochs(run):
    datasets = pytest.importorskip("sklearn.datasets")
    variables, printed = run("digits", epochs=6)
    validated, tested = percentages(printed)
    assert min(validated, tested) > 0.9
    read, label = map(int, re.search(r"It saw (\d) where the label says (\d)", printed).groups())
    assert read != label
    wrong = variables["X_test"][variables["wrong"]] * 16
    originals, labels = datasets.load_digits(return_X_y=True)
    assert labels[(originals == wrong).all(axis=1)].tolist() == [label]
    strokes = printed.splitlines()[-8:]
    ink = [[int(i < len(row) and row[i] != " ") for i in range(4, 20, 2)] for row in (s.ljust(20) for s in strokes)]
    assert ink == (wrong.reshape(8, 8) >= 2).astype(int).tolist()  # 9 · 2 / 16 is the first that rounds down to 1


def test_the_curve_is_found_by_the_robust_loss_alone(run):
    variables, printed = run("curve")
    robust = [variables[name].data for name in ("room", "above", "tau")]
    assert np.abs(np.array(robust) - [20.0, 65.0, 25.0]).max() < 1.0
    led_astray = re.search(r"squared_error .* exp\(-t / ([\d.]+)\)", printed)[1]
    assert float(led_astray) > 30.0


def test_the_curve_file_is_what_the_readme_computes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block("curve", "python"), "README.md", "exec"), {})  # noqa: S102  # our own text
    assert Path("curve.csv").read_text() == (EXAMPLES / "curve.csv").read_text()


def test_names_become_less_surprising_than_letters_drawn_by_frequency(run):
    variables, printed = run("characters", epochs=25)
    text = "".join(name + "." for name in variables["names"])
    shares = np.array([text.count(letter) for letter in set(text)]) / len(text)
    by_frequency = -float(np.sum(shares * np.log2(shares)))
    before, after = (float(number) for number in re.findall(r"(\d\.\d+)", printed.splitlines()[0]))
    assert after < 0.8 * by_frequency < by_frequency < before < np.log2(27) + 0.1
    invented = printed.splitlines()[1:]
    assert len(invented) == len(set(invented)) == 10
    assert all(re.fullmatch("[A-Z][a-z]*", name) and len(name) <= variables["longest"] + 1 for name in invented)


def test_the_surprises_are_those_of_a_recurrent_net_in_numpy(run):
    variables, _ = run("characters", epochs=1)
    layers = [variables[name].neurons for name in ("remember", "guess")]
    (w, b), (v, c) = (
        (np.array([[x.data for x in neuron.w] for neuron in layer]), np.array([neuron.b.data for neuron in layer]))
        for layer in layers
    )
    indices = [".abcdefghijklmnopqrstuvwxyz".index(letter) for letter in ".zoe."]
    memory, expected = np.zeros(24), []
    for letter, following in itertools.pairwise(indices):
        memory = np.tanh(w[:, letter] + w[:, 27:] @ memory + b)
        scores = v @ memory + c
        expected.append(-np.log(np.exp(scores[following]) / np.exp(scores).sum()))
    found = variables["surprises"]([np.eye(27)[index].tolist() for index in indices])
    assert [value.data for value in found] == pytest.approx(expected, rel=1e-12)


def test_the_names_are_different_and_spelt_in_the_alphabet():
    names = (EXAMPLES / "names.txt").read_text(encoding="utf-8").split()
    assert len(set(names)) == len(names) == int(re.search(r"holds (\d+) first names", README)[1])
    assert all(re.fullmatch("[a-z]+", name) for name in names)
