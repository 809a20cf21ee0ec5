"""``glassgrad train`` and ``glassgrad predict``: their files and figures against NumPy by hand."""

import argparse
import csv
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from autograd.__main__ import main
from nn import MLP, fit, load_model, moons, predict, train_test_split
from nn.command import add_train_options, train
from nn.command.options import OPTIMIZERS, in_options
from nn.saving import about

ROOT = Path(__file__).parents[2]


def run(capsys, *arguments):
    """Return exit status, printed lines and error lines of a command."""
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as stop:  # argparse
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err.splitlines()


def row(lines, name):
    """Return what a summary says behind a name."""
    return next(line.removeprefix(name).strip() for line in lines if line.startswith(name))


def write_csv(path, head, rows, delimiter=","):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([head, *rows] if head else rows)
    return path


def read_rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def by_hand(path, X):
    """Return the outputs of a saved MLP of relu neurons for raw samples, from the numbers in its file alone."""
    scaling, layers = about(path)["inputs"], load_model(path).layers
    x = X if scaling is None else (X - np.array(scaling["mean"])) / np.array(scaling["scale"])
    for i, layer in enumerate(layers):
        w = np.array([[weight.data for weight in neuron.w] for neuron in layer.neurons])
        x = x @ w.T + np.array([neuron.b.data for neuron in layer.neurons])
        x = np.maximum(x, 0.0) if i < len(layers) - 1 else x
    return x


def wait_for(path):
    for _ in range(60_000):
        if path.exists():
            return
        time.sleep(0.001)


FLOWERS = np.random.default_rng(0).normal(size=(90, 2)) * [3.0, 0.05] + [150.0, 0.4]
KINDS = np.array(["oak", "elm", "ash, white"])[np.digitize(FLOWERS[:, 0], [148.5, 151.5])]


@pytest.fixture
def trees(tmp_path):
    """Make a table of three kinds of trees, told apart by their height, which is far from 0 and from 1."""
    rows = [(i, *x, kind) for i, (x, kind) in enumerate(zip(FLOWERS.tolist(), KINDS, strict=True))]
    return write_csv(tmp_path / "trees.csv", ["id", "height", "leaf", "kind"], rows)


@pytest.fixture
def prices(tmp_path):
    """Make a table of prices that depend on two numbers linearly, of the order of 200,000."""
    x = np.random.default_rng(1).uniform(20.0, 200.0, size=(80, 2))
    y = 1500.0 * x[:, 0] - 300.0 * x[:, 1] + 90_000.0
    return write_csv(tmp_path / "prices.csv", ["size", "distance", "price"], np.column_stack([x, y]).tolist())


# --- training ---------------------------------------------------------------------------------------------------------


def test_moons_are_learned_and_the_summary_says_how(capsys):
    status, lines, progress = run(capsys, "train", "moons", "--hidden", "16", "16", "--epochs", "100")
    assert status == 0
    assert row(lines, "data") == "moons: 100 samples, 2 features; target class: 2 classes"
    assert "80 to learn from, 20 to test on" in lines[1]
    assert row(lines, "model") == "MLP 2 → 16 → 16 → 1, relu, 337 parameters"
    assert row(lines, "run").startswith("adam, learning rate 0.01, 100 epochs, 300 steps, loss ")
    assert any("compiled in" in line and "not compiled" not in line for line in lines)
    assert float(row(lines, "train").split()[1]) > 0.98
    assert float(row(lines, "test").split()[1]) >= 0.95
    assert [line[:13] for line in progress] == [f"epoch {n:3}/100" for n in range(10, 101, 10)]
    assert "validation accuracy" in progress[0]


def test_the_figures_are_those_of_the_saved_model(capsys, tmp_path):
    path = tmp_path / "moons.npz"
    _, lines, _ = run(
        capsys, "train", "moons", "--samples", 60, "--noise", 0.3, "--epochs", 5, "--seed", 3, "--save", path
    )
    X, y = moons(60, noise=0.3, seed=3)
    x, x_test, y, y_test = train_test_split(X, y, 0.2, seed=3, stratify=True)
    for name, samples, labels in (("train", x, y), ("test", x_test, y_test)):
        right = int(((by_hand(path, samples)[:, 0] > 0.0) == (labels == 1)).sum())
        assert row(lines, name) == f"accuracy {right / len(labels):.4g} ({right} of {len(labels)})"


@pytest.mark.parametrize("gate", ["and", "or", "xor", "nand", "nor", "xnor"])
def test_a_gate_is_learned_from_its_whole_truth_table(capsys, gate):
    status, lines, _ = run(capsys, "train", gate, "--hidden", 4, "--activation", "tanh", "--epochs", 300)
    assert status == 0
    assert "4 to learn from" in lines[1]
    assert row(lines, "train") == "accuracy 1 (4 of 4)"
    assert not any(line.startswith("test") for line in lines)


@pytest.mark.parametrize(("data", "classes"), [("spirals", 4), ("blobs", 5), ("circles", None)])
def test_every_data_set_is_known_with_its_classes(capsys, data, classes):
    more = [] if classes is None else ["--classes", classes]
    status, lines, _ = run(capsys, "train", data, *more, "--epochs", 1, "--hidden")
    assert status == 0
    assert f"{classes or 2} classes" in row(lines, "data")
    outputs = 1 if classes is None else classes
    assert row(lines, "model") == f"MLP 2 → {outputs}, {3 * outputs} parameters"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss(capsys, name):
    _, _, progress = run(capsys, "train", "moons", "--optimizer", name, "--epochs", 20, "--hidden", 8)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in progress]
    assert losses[-1] < 0.9 * losses[0]


def test_the_penalty_keeps_weights_small(capsys, tmp_path):
    sizes = []
    for strength in ("0", "0.1"):
        run(capsys, "train", "moons", "--l2", strength, "--save", tmp_path / "model.npz")
        sizes.append(sum(w.data**2 for w in load_model(tmp_path / "model.npz").weights()))
    assert sizes[1] < 0.2 * sizes[0]


def test_the_learning_rate_and_the_batch_size_are_used(capsys):
    _, lines, _ = run(
        capsys, "train", "moons", "--learning-rate", 0.5, "--batch-size", 10, "--epochs", 2, "--test", "0"
    )
    assert row(lines, "run").startswith("adam, learning rate 0.5, 2 epochs, 20 steps")


def test_the_same_seed_gives_the_same_file_and_another_one_another(capsys, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run(capsys, "train", "spirals", "--seed", seed, "--epochs", 3, "--save", tmp_path / name)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_early_stopping_keeps_the_best_epoch(capsys, prices):
    status, lines, progress = run(
        capsys, "train", "--data", prices, "--target", "price", "--epochs", 2000, "--learning-rate", 0.05,
        "--early-stopping", 5,
    )  # fmt: skip
    assert status == 0
    assert "51 to learn from, 13 to validate on, 16 to test on" in lines[1]
    assert any("stopped early; the weights are those of epoch" in line for line in lines)
    assert [line.split()[0] for line in lines][-3:] == ["train", "validation", "test"]
    assert len(progress) < 10


@pytest.mark.parametrize(("more", "sizes"), [([], (64, 16)), (["--early-stopping", 50], (51, 13))])
def test_early_stopping_never_sees_the_samples_for_testing(capsys, monkeypatch, prices, more, sizes):
    calls = []

    def spy(model, x, y, **options):
        calls.append((x, options["validation"][0]))
        return fit(model, x, y, **options)

    monkeypatch.setattr(sys.modules["nn.command.train"], "fit", spy)
    run(capsys, "train", "--data", prices, "--target", "price", "--no-standardise", "--epochs", 1, *more)
    [(x, validation)] = calls
    assert (len(x), len(validation)) == sizes
    table = np.array(read_rows(prices)[1:], dtype=float)
    _, test, *_ = train_test_split(table[:, :2], table[:, 2], 0.2, seed=0)
    assert not set(map(tuple, x.tolist())) & set(map(tuple, validation.tolist()))
    assert set(map(tuple, validation.tolist())).isdisjoint(map(tuple, test.tolist())) == bool(more)


def test_quiet_prints_nothing(capsys, tmp_path):
    path = tmp_path / "model.npz"
    assert run(capsys, "train", "moons", "--epochs", 2, "--quiet", "--save", path) == (0, [], [])
    assert path.exists()


def test_an_existing_model_is_replaced(capsys, tmp_path):
    path = tmp_path / "model.npz"
    MLP(3, [1]).save(path)
    run(capsys, "train", "moons", "--epochs", 1, "--hidden", 5, "--save", path)
    assert len(load_model(path).layers[0].neurons) == 5
    assert [item.name for item in tmp_path.iterdir()] == ["model.npz"]


# --- CSV files --------------------------------------------------------------------------------------------------------


def test_text_is_classes_and_predictions_are_the_models_own(capsys, tmp_path, trees):
    path, output = tmp_path / "trees.npz", tmp_path / "predictions.csv"
    status, lines, _ = run(
        capsys, "train", "--data", trees, "--target", "kind", "--leave-out", "id", "--epochs", 60, "--save", path
    )
    assert status == 0
    assert row(lines, "data").endswith("trees.csv: 90 samples, 2 features; target kind: 3 classes, since it is text")
    assert float(row(lines, "train").split()[1]) > 0.9

    status, lines, errors = run(capsys, "predict", path, "--data", trees, "--output", output)
    assert (status, lines, errors) == (0, [f"wrote 90 predictions to {output}"], [])
    head, *rows = read_rows(output)
    assert head == ["kind", "P(ash, white)", "P(elm)", "P(oak)"]
    scores = np.exp(by_hand(path, FLOWERS))
    probabilities = scores / scores.sum(axis=1, keepdims=True)
    assert np.array([r[1:] for r in rows], dtype=float) == pytest.approx(probabilities, abs=1e-9)
    assert [r[0] for r in rows] == [["ash, white", "elm", "oak"][k] for k in probabilities.argmax(axis=1)]
    assert np.mean([r[0] == kind for r, kind in zip(rows, KINDS, strict=True)]) > 0.9

    assert run(capsys, "predict", path, "--data", trees)[1] == output.read_text(encoding="utf-8").splitlines()


def test_two_classes_are_one_output(capsys, tmp_path):
    x = np.linspace(-1.0, 1.0, 40)
    data = write_csv(tmp_path / "sign.csv", ["x", "sign"], [(v, "plus" if v > 0 else "minus") for v in x])
    path = tmp_path / "sign.npz"
    run(capsys, "train", "--data", data, "--target", "sign", "--save", path, "--quiet")
    _, lines, _ = run(capsys, "predict", path, "--data", data)
    assert lines[0] == "sign,P(minus),P(plus)"
    z = by_hand(path, x[:, None])
    assert z.shape == (40, 1)
    plus = 1.0 / (1.0 + np.exp(-z[:, 0]))
    assert [line.split(",")[0] for line in lines[1:]] == ["plus" if p > 0.5 else "minus" for p in plus]
    assert [float(line.split(",")[2]) for line in lines[1:]] == pytest.approx(plus, abs=1e-12)
    right = int(((plus > 0.5) == (x > 0)).sum())
    _, scored, errors = run(capsys, "predict", path, "--data", data, "--score")
    assert (scored, errors) == (lines, [f"accuracy {right / 40:.4g} ({right} of 40)"])


def test_numbers_are_predicted_in_their_own_unit(capsys, tmp_path, prices):
    path = tmp_path / "prices.npz"
    status, lines, progress = run(capsys, "train", "--data", prices, "--target", "price", "--save", path)
    assert status == 0
    assert row(lines, "data").endswith("target price: regression, since it is numbers")
    assert float(row(lines, "test").split()[1].rstrip(",")) > 0.99
    assert float(progress[-1].split(" mae ")[1].split(",")[0]) > 100.0  # in the unit of the price

    status, lines, errors = run(capsys, "predict", path, "--data", prices, "--score")
    table = np.array(read_rows(prices)[1:], dtype=float)
    scaling = about(path)["outputs"]
    numbers = by_hand(path, table[:, :2])[:, 0] * scaling["scale"] + scaling["mean"]
    assert lines[0] == "price"
    predicted = np.array(lines[1:], dtype=float)
    assert predicted == pytest.approx(numbers, rel=1e-12)
    y = table[:, 2]
    r2 = 1.0 - np.sum((predicted - y) ** 2) / np.sum((y - y.mean()) ** 2)
    assert errors == [f"r2 {r2:.4g}, mae {np.mean(np.abs(predicted - y)):.4g}"]


def test_columns_are_standardised_by_the_training_rows_alone(capsys, tmp_path, trees):
    path = tmp_path / "trees.npz"
    options = ["--data", trees, "--target", "kind", "--leave-out", "id", "--epochs", 1, "--quiet", "--save", path]
    run(capsys, "train", *options, "--test", 30, "--seed", 4)
    x, *_ = train_test_split(FLOWERS, KINDS, 30, seed=4, stratify=True)
    assert len(x) == 60
    assert about(path)["inputs"]["mean"] == pytest.approx(x.mean(axis=0), rel=1e-12)
    assert about(path)["inputs"]["scale"] == pytest.approx(x.std(axis=0), rel=1e-12)
    run(capsys, "train", *options, "--no-standardise")
    assert about(path)["inputs"] is None


def test_columns_are_found_by_name_in_any_order(capsys, tmp_path, trees):
    path = tmp_path / "trees.npz"
    run(capsys, "train", "--data", trees, "--target", "kind", "--leave-out", "id", "--epochs", 5, "--save", path)
    _, expected, _ = run(capsys, "predict", path, "--data", trees)
    other = write_csv(tmp_path / "other.csv", ["leaf", "note", "height"], [(x[1], "?", x[0]) for x in FLOWERS.tolist()])
    assert run(capsys, "predict", path, "--data", other)[1] == expected


@pytest.mark.parametrize(
    ("column", "more", "task"),
    [
        (lambda i: i % 3, [], "3 classes, since it has 3 different whole numbers (--task regression takes them as"),
        (lambda i: i % 3, ["--task", "regression"], "regression"),
        (lambda i: i % 3 + 0.5, [], "regression, since it is numbers"),
        (lambda i: i % 3 + 0.5, ["--task", "classification"], "3 classes"),
        (lambda i: i, [], "regression, since it has 40 different whole numbers"),
        (lambda i: "abc"[i % 3], [], "3 classes, since it is text"),
        (lambda i: f"name {i}", ["--task", "classification", "--test", "0"], "40 classes"),
        (lambda i: i % 2 or "no", ["--task", "classification"], "2 classes"),
    ],
)
def test_the_target_decides_between_classes_and_numbers(capsys, tmp_path, column, more, task):
    data = write_csv(tmp_path / "table.csv", ["x", "y"], [(i / 7, column(i)) for i in range(40)])
    status, lines, _ = run(capsys, "train", "--data", data, "--target", "y", "--epochs", 1, *more)
    assert status == 0
    assert f"target y: {task}" in row(lines, "data")


def test_texts_become_columns_also_for_predictions(capsys, tmp_path):
    rows = [("red" if i % 2 else "blue", 1.0 * i, 5.0 * (i % 2)) for i in range(30)]
    data, path = write_csv(tmp_path / "a.csv", ["colour", "size", "price"], rows), tmp_path / "a.npz"
    options = ["--target", "price", "--task", "regression", "--one-hot", "colour", "--leave-out", "size"]
    run(capsys, "train", "--data", data, *options, "--epochs", 300, "--save", path, "--quiet")
    assert about(path)["columns"] == ["colour=blue", "colour=red"]
    other = write_csv(tmp_path / "b.csv", ["colour"], [["red"], ["blue"], ["red"]])
    _, lines, _ = run(capsys, "predict", path, "--data", other)
    assert np.array(lines[1:], dtype=float) == pytest.approx([5.0, 0.0, 5.0], abs=0.05)
    other = write_csv(tmp_path / "c.csv", ["colour"], [["violet"]])
    status, lines, errors = run(capsys, "predict", path, "--data", other)
    assert (status, lines) == (2, [])
    assert "'violet' is none of the known values" in errors[0]


def test_few_rows_are_no_reason_for_classes(capsys, tmp_path):
    for column, task in (([0, 1, 1, 0], "2 classes"), ([3, 1, 2, 1], "regression"), ([5, 6, 7, 8], "regression")):
        data = write_csv(tmp_path / "table.csv", ["x", "y"], enumerate(column))
        _, lines, _ = run(capsys, "train", "--data", data, "--target", "y", "--epochs", 1)
        assert f"target y: {task}, since" in row(lines, "data")


@pytest.mark.parametrize("delimiter", ["\t", "\\t"])
def test_a_tab_can_be_written_in_two_ways(capsys, tmp_path, delimiter):
    data = write_csv(tmp_path / "a.tsv", ["x", "y"], [(i, i * i) for i in range(5)], delimiter="\t")
    status, lines, _ = run(capsys, "train", "--data", data, "--target", "y", "--delimiter", delimiter, "--epochs", 1)
    assert (status, lines[1].strip()) == (0, "5 to learn from")


def test_a_file_without_names_and_with_decimal_commas(capsys, tmp_path):
    rows = [(str(i / 2).replace(".", ","), "7,5", "ab"[i % 2]) for i in range(20)]
    data, path = write_csv(tmp_path / "a.csv", None, rows, delimiter=";"), tmp_path / "a.npz"
    status, _, errors = run(
        capsys,
        "train",
        "--data",
        data,
        "--target",
        "-1",
        "--decimal",
        ",",
        "--no-header",
        "--epochs",
        1,
        "--save",
        path,
    )
    assert (status, errors[-1][:9]) == (0, "epoch 1/1")
    assert about(path) == {
        "columns": ["0", "1"], "target": "2", "classes": ["a", "b"], "outputs": None,
        "inputs": {"mean": pytest.approx([4.75, 7.5], abs=0.6), "scale": [pytest.approx(2.9, abs=0.3), 1.0]},
    }  # fmt: skip
    status, lines, _ = run(capsys, "predict", path, "--data", data, "--decimal", ",", "--no-header")
    assert (status, len(lines)) == (0, 21)


# --- interruptions ----------------------------------------------------------------------------------------------------


def test_ctrl_c_saves_the_model_and_the_run_can_be_resumed_exactly(capsys, tmp_path):
    model, checkpoint, whole = tmp_path / "model.npz", tmp_path / "run.npz", tmp_path / "whole.npz"
    options = ["train", "moons", "--epochs", 1500, "--hidden", 4, "--save"]
    run(capsys, *options, whole)

    def interrupt():
        wait_for(checkpoint)  # after the fifteenth epoch
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    status, lines, _ = run(capsys, *options, model, "--checkpoint", checkpoint)
    assert status == 130
    assert any("interrupted in epoch" in line and "--resume" in line for line in lines)
    assert load_model(model).state_dict() != load_model(whole).state_dict()

    status, lines, _ = run(capsys, *options, model, "--checkpoint", checkpoint, "--resume")
    assert status == 0
    assert any("resumed from" in line for line in lines)
    assert model.read_bytes() == whole.read_bytes()


def test_a_run_that_diverges_leaves_the_old_model(capsys, tmp_path, prices):
    path = tmp_path / "model.npz"
    path.write_bytes(b"old")
    status, lines, errors = run(
        capsys, "train", "--data", prices, "--target", "price", "--no-standardise", "--optimizer", "sgd",
        "--learning-rate", 10, "--save", path,
    )  # fmt: skip
    assert (status, lines) == (2, [])
    assert errors[-1].startswith("glassgrad: training stopped in epoch ")
    assert path.read_bytes() == b"old"


# --- errors -----------------------------------------------------------------------------------------------------------

BAD = {
    "no data": (["train"], "say what to learn: a data set (moons,"),
    "two data": (["train", "moons", "--data", "good.csv"], "either the data set moons or --data good.csv"),
    "an unknown data set": (["train", "moon"], "invalid choice: 'moon'"),
    "a column for moons": (["train", "moons", "--target", "x"], "--target is for a CSV file"),
    "noise for a file": (["train", "--data", "good.csv", "--target", "k", "--noise", "1"], "--noise is for data sets"),
    "classes of moons": (["train", "moons", "--classes", "3"], "moons always has two"),
    "one class": (["train", "blobs", "--classes", "1"], "--classes: a whole number of at least 2, not '1'"),
    "no target": (["train", "--data", "good.csv"], "--target COLUMN; good.csv has 'x', 'k'"),
    "an unknown target": (["train", "--data", "good.csv", "--target", "z"], "no column 'z'; its columns are 'x', 'k'"),
    "no such place": (["train", "--data", "good.csv", "--target", "-7"], "no column -7"),
    "no such file": (["train", "--data", "no.csv", "--target", "k"], "no.csv: No such file"),
    "text as a feature": (["train", "--data", "good.csv", "--target", "x"], "left out, --leave-out k, or become"),
    "a mixed target": (["train", "--data", "mixed.csv", "--target", "k"], "names of classes: --task classification"),
    "names as classes": (["train", "--data", "names.csv", "--target", "name"], "hardly classes"),
    "nothing to learn": (["train", "--data", "same.csv", "--target", "y"], "'y' is the same in all rows"),
    "one class to learn": (["train", "xor", "--test", "3"], "all with the same class; hold back fewer"),
    "an empty cell": (["train", "--data", "hole.csv", "--target", "y"], "line 3, column 'x': the cell is empty"),
    "no neurons": (["train", "moons", "--hidden", "0"], "--hidden: a whole number of at least 1, not '0'"),
    "text for neurons": (["train", "moons", "--hidden", "a"], "--hidden: a whole number of at least 1, not 'a'"),
    "no epochs": (["train", "moons", "--epochs", "0"], "--epochs: a whole number of at least 1"),
    "no batch": (["train", "moons", "--batch-size", "1.5"], "at least 1, not '1.5'"),
    "a negative seed": (["train", "moons", "--seed", "-1"], "--seed: a whole number of at least 0, not '-1'"),
    "a rate of nan": (["train", "moons", "--learning-rate", "nan"], "the learning rate is a positive number"),
    "a rate for vsgd": (["train", "moons", "--optimizer", "vsgd", "--learning-rate", "1"], "leave out --learning-rate"),
    "a negative penalty": (["train", "moons", "--l2", "-1"], "at least 0"),
    "no patience": (["train", "moons", "--early-stopping", "0"], "--early-stopping: a whole number of at least 1"),
    "too few points": (["train", "spirals", "--classes", "5", "--samples", "4"], "at least 5, one for each class"),
    "an unknown activation": (["train", "moons", "--activation", "wavy"], "invalid choice: 'wavy'"),
    "all for testing": (["train", "moons", "--test", "1.0"], "not 1.0"),
    "too many for testing": (["train", "moons", "--test", "100"], "leaves none to learn from"),
    "text for testing": (["train", "moons", "--test", "some"], "a share such as 0.2"),
    "resume from nothing": (["train", "moons", "--resume"], "say which file: --checkpoint run.npz"),
    "an old checkpoint": (["train", "moons", "--checkpoint", "model.npz"], "give --resume to go on from it"),
    "another checkpoint": (["train", "moons", "--checkpoint", "model.npz", "--resume"], "a checkpoint is needed"),
    "no such folder": (["train", "moons", "--save", "no/model.npz"], "its folder does not exist"),
    "a folder": (["train", "moons", "--save", "."], "this is a folder"),
    "a picture of an unknown kind": (["train", "moons", "--plot", "run.gif"], ".svg, .png, .pdf; not run.gif"),
    "one file twice": (["train", "moons", "--save", "a.npz", "--checkpoint", "./a.npz"], "give --checkpoint a file of"),
    "over the data": (["train", "--data", "good.csv", "--target", "k", "--save", "good.csv"], "give --save a file of"),
    "predict what": (["predict", "model.npz"], "required: --data"),
    "no model": (["predict", "no.npz", "--data", "good.csv"], "no.npz: there is no such file"),
    "no file of ours": (["predict", "good.csv", "--data", "good.csv"], "the model and --data both name good.csv"),
    "a model without names": (["predict", "bare.npz", "--data", "good.csv"], "but not the names of its inputs"),
    "a damaged model": (["predict", "cut.npz", "--data", "good.csv"], "damaged or cut off"),
    "a missing column": (["predict", "model.npz", "--data", "good.csv"], "good.csv has no column 'x1'; its columns"),
    "an empty cell to predict": (["predict", "model.npz", "--data", "gap.csv"], "empty, and the model needs a number"),
    "no target to score": (["predict", "model.npz", "--data", "plane.csv", "--score"], "no column 'class'"),
    "predictions over the data": (["predict", "model.npz", "--data", "plane.csv", "--output", "plane.csv"], "a file"),
    "predictions over the model": (["predict", "model.npz", "--data", "plane.csv", "--output", "model.npz"], "a file"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make a folder of good and bad files."""
    path = tmp_path_factory.mktemp("files")
    write_csv(path / "good.csv", ["x", "k"], [(i, "ab"[i % 2]) for i in range(10)])
    write_csv(path / "mixed.csv", ["x", "k"], [(i, i if i % 2 else "no") for i in range(10)])
    write_csv(path / "names.csv", ["x", "name"], [(i, f"number {i}") for i in range(10)])
    write_csv(path / "same.csv", ["x", "y"], [(i, 4) for i in range(10)])
    write_csv(path / "hole.csv", ["x", "y"], [(1, 2), ("", 3), (4, 5)])
    write_csv(path / "plane.csv", ["x2", "x1"], [(1, 2), (3, 4)])
    write_csv(path / "gap.csv", ["x2", "x1"], [(1, 2), (3, "")])
    assert main(["train", "moons", "--epochs", "1", "--quiet", "--save", str(path / "model.npz")]) == 0
    MLP(2, [1], seed=0).save(path / "bare.npz")
    (path / "cut.npz").write_bytes((path / "model.npz").read_bytes()[:-100])
    return path


@pytest.mark.parametrize(("arguments", "message"), BAD.values(), ids=BAD.keys())
def test_an_error_is_one_line_and_leaves_every_file_as_it_was(capsys, monkeypatch, folder, arguments, message):
    monkeypatch.chdir(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    status, lines, errors = run(capsys, *arguments)
    assert (status, lines, len(errors)) == (2, [], 1)
    assert errors[0].startswith("glassgrad")
    assert message in errors[0]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_remedies_are_named_as_options():
    assert in_options("Fill it in, or leave it out: leave_out=[0]") == "Fill it in, or leave it out: --leave-out 0"
    assert in_options("""one_hot=['it is', "it's"]""") == """--one-hot 'it is' 'it'"'"'s'"""
    assert in_options("delimiter=' '. header=True") == "--delimiter ' '. --header"
    assert in_options("decimal=',' and encoding='cp1252'") == "--decimal , and --encoding cp1252"
    assert in_options("x=1, a test=") == "x=1, a test="


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [["spirals", "--classes", 3], ["moons"], ["trees", "--early-stopping", 3], ["prices"]])
def test_the_plot_is_a_picture(capsys, tmp_path, trees, prices, data):
    pytest.importorskip("matplotlib")
    path = tmp_path / "run.svg"
    name, *more = data
    files = {
        "trees": ["--data", trees, "--target", "kind", "--leave-out", "id"],
        "prices": ["--data", prices, "--target", "price"],
    }
    status, lines, _ = run(capsys, "train", *files.get(name, [name]), *more, "--epochs", 4, "--plot", path)
    assert status == 0
    assert lines[-1] == f"wrote {path}"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert text.rstrip().endswith("</svg>")
    run(capsys, "train", *files.get(name, [name]), *more, "--epochs", 4, "--plot", path)
    assert path.read_text(encoding="utf-8") == text


def test_what_is_drawn_is_the_model_on_samples_as_they_came(capsys, tmp_path, trees):
    path, runs = tmp_path / "trees.npz", []
    parser = argparse.ArgumentParser()
    add_train_options(parser)
    options = [
        "--data",
        trees,
        "--target",
        "kind",
        "--leave-out",
        "id",
        "--epochs",
        2,
        "--plot",
        "run.svg",
        "--save",
        path,
    ]
    train(parser.parse_args(list(map(str, options))), lambda path, run: runs.append((path, run)))
    [(picture, drawn)] = runs
    assert picture == Path("run.svg")
    assert (drawn.samples.X == FLOWERS).all()
    assert drawn.history.epochs == 2
    assert predict(drawn.model, FLOWERS) == pytest.approx(by_hand(path, FLOWERS), rel=1e-9)


def test_a_plot_without_matplotlib_names_the_extra(capsys, tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("viz.plots")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    status, lines, errors = run(capsys, "train", "moons", "--plot", tmp_path / "run.svg")
    assert (status, lines, len(errors)) == (2, [], 1)
    assert 'pip install "glassgrad[plot]"' in errors[0]


# --- in a process of its own ------------------------------------------------------------------------------------------


def start(*arguments, **options):
    command = [sys.executable, "-m", "autograd", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONIOENCODING": "utf-8"}, **options)


def test_training_in_a_process_of_its_own_and_ctrl_c(tmp_path):
    model, checkpoint = tmp_path / "model.npz", tmp_path / "run.npz"
    arguments = ["train", "moons", "--epochs", 20_000, "--checkpoint", checkpoint, "--save", model]
    with start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        wait_for(checkpoint)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate()
    assert process.returncode == 130
    assert "interrupted in epoch" in out
    assert "Traceback" not in errors
    assert load_model(model)([0.0, 0.0]).data


def test_a_reader_that_goes_away_costs_no_model(tmp_path):
    path = tmp_path / "model.npz"
    with start(
        "train", "moons", "--epochs", 3, "--save", path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
    assert load_model(path)([0.0, 0.0]).data


def test_a_terminal_shows_a_bar():
    pytest.importorskip("tqdm")
    pty = pytest.importorskip("pty")
    fcntl, struct, termios = (pytest.importorskip(name) for name in ("fcntl", "struct", "termios"))
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
    with start("train", "moons", "--epochs", 50, stdout=subprocess.PIPE, stderr=there) as process:
        out = process.communicate()[0].decode()
    os.close(there)
    shown = b""
    while chunk := _read(here):
        shown += chunk
    os.close(here)
    text = shown.decode()
    assert "150/150" in text
    assert "accuracy=" in text
    assert "epoch 5/50" not in text
    assert "accuracy" in out


def _read(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # what Linux says at the end of a terminal
        return b""
