"""A run that was interrupted, killed or finished, and resumed from its checkpoint, equals the uninterrupted one."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from nn import SGD, Adam, Dropout, Layer, Sequential, fit, moons
from nn.errors import DivergedError, FileFormatError, SettingError, StateError
from nn.losses import binary_cross_entropy_with_logits, hinge
from nn.penalties import l2

X, Y = moons(40, seed=3)


def model_of():
    return Sequential(Layer(2, 5, "tanh", initial="xavier", seed=0), Dropout(0.2), Layer(5, 1, "linear", seed=1))


def run(model, epochs=6, x=X, y=Y, **settings):
    given = {
        "loss": hinge, "penalty": l2(0.01), "optimizer": Adam(model.parameters(), 0.05), "batch_size": 8,
        "validation": 0.2, "metrics": "accuracy", "average": "running", "seed": 4, **settings,
    }  # fmt: skip
    return fit(model, x, y, epochs=epochs, **given)


def same(model, other):
    return model.state_dict() == other.state_dict()


@pytest.mark.parametrize("average", [None, "running", 0.9])
@pytest.mark.parametrize("early_stopping", [None, 4])
def test_a_run_continued_later_equals_one_without_a_pause(tmp_path, average, early_stopping):
    settings = {"average": average, "early_stopping": early_stopping}
    whole, paused = model_of(), model_of()
    expected = run(whole, 6, **settings)
    path = tmp_path / "run.npz"
    run(paused, 3, checkpoint=path, **settings)
    fresh = model_of()  # in a new process the model would be made anew
    history = run(fresh, 6, checkpoint=path, resume=True, **settings)
    assert history == expected
    assert same(fresh, whole)
    assert not same(fresh, paused)


@pytest.mark.parametrize("step", [2, 4, 7])
def test_a_run_interrupted_within_an_epoch_goes_on_with_the_next_step(tmp_path, step):
    whole, broken, path = model_of(), model_of(), tmp_path / "run.npz"
    expected = run(whole, 3, average=None)
    calls = []

    def loss(output, target):
        calls.append(1)
        if len(calls) == 8 * step:
            os.kill(os.getpid(), signal.SIGINT)
        return hinge(output, 2.0 * target - 1.0)

    loss.__name__ = "hinge"
    history = run(broken, 3, average=None, loss=loss, compile=False, checkpoint=path, metrics=(), validation=None)
    assert (history.stopped, history.steps) == ("interrupted", step)
    other, third = model_of(), model_of()
    settings = {"average": None, "compile": False, "metrics": (), "validation": None}
    again = run(other, 3, **settings)
    resumed = run(third, 3, checkpoint=path, resume=True, loss=quiet(), **settings)
    assert resumed["step_loss"] == pytest.approx(again["step_loss"], rel=1e-12)
    assert expected.epochs == resumed.epochs == 3


def quiet():
    def loss(output, target):
        return hinge(output, 2.0 * target - 1.0)

    loss.__name__ = "hinge"
    return loss


def test_a_finished_run_has_nothing_left_to_do(tmp_path):
    path = tmp_path / "run.npz"
    model, other = model_of(), model_of()
    first = run(model, 3, checkpoint=path)
    again = run(other, 3, checkpoint=path, resume=True)
    assert again == first
    assert same(model, other)


def test_a_run_that_stopped_early_stays_stopped(tmp_path):
    path = tmp_path / "run.npz"
    model, other = model_of(), model_of()
    settings = {"early_stopping": 1, "optimizer": None, "checkpoint": path}
    first = run(model, 200, **settings)
    assert first.stopped == "early stopping"
    again = run(other, 400, resume=True, **settings)
    assert again == first
    assert same(model, other)


def test_an_existing_checkpoint_is_not_overwritten_unasked(tmp_path):
    path = tmp_path / "run.npz"
    run(model_of(), 2, checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(SettingError, match="resume=True"):
        run(model_of(), 2, checkpoint=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x": X + 1.0}, "the data differ"),
        ({"batch_size": 10}, "batch_size was 8, is 10"),
        ({"seed": 5}, "seed was 4, is 5"),
        ({"loss": binary_cross_entropy_with_logits}, "loss was hinge"),
        ({"optimizer": None, "average": None}, "average was RunningAverage"),
        ({"compile": False}, "path was compiled, is eager"),
        ({"penalty": l2(0.02)}, r"penalty was l2\(strength=0.01\), is l2\(strength=0.02\)"),
        ({"optimizer": None}, "learning rate was 0.05, is 0.01"),
        ({"average": 0.9}, r"average was RunningAverage\(skip=0\), is ExponentialAverage\(0.9\)"),
        ({"validation": (X[:4], 1 - Y[:4])}, "the data differ"),
        ({"metrics": ()}, r"metrics was \['accuracy'\], is \[\]"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, changes, words):
    path = tmp_path / "run.npz"
    run(model_of(), 2, checkpoint=path)
    model = model_of()
    before = model.state_dict()
    with pytest.raises(StateError, match=words):
        run(model, 4, checkpoint=path, resume=True, **changes)
    assert model.state_dict() == before


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "run.npz"
    model = model_of()
    path.write_text("no checkpoint")
    with pytest.raises(FileFormatError):
        run(model, 4, checkpoint=path, resume=True)
    model.save(path)
    with pytest.raises(FileFormatError, match="checkpoint"):
        run(model, 4, checkpoint=path, resume=True)


def test_checkpoint_every_few_epochs(tmp_path):
    path = tmp_path / "run.npz"
    times = []

    def look(training):
        times.append(path.exists() and path.stat().st_mtime_ns)

    run(model_of(), 5, checkpoint=path, checkpoint_every=2, callbacks=look)
    assert [bool(t) for t in times] == [False, False, True, True, True]
    assert times[2] == times[3] < times[4]


def test_a_run_that_diverges_keeps_its_last_good_checkpoint(tmp_path):
    path = tmp_path / "run.npz"

    def settings(model):
        return {"optimizer": SGD(model.parameters(), 1e160), "loss": quadratic, "checkpoint": path, "average": None}

    model = model_of()
    with pytest.raises(DivergedError):
        run(model, 50, **settings(model))
    other = model_of()
    with pytest.raises(DivergedError):
        run(other, 50, resume=True, **settings(other))
    assert same(model, other)


def quadratic(output, target):
    return (output - target) ** 2


TRAINING = """
import sys
import numpy as np
from nn import MLP, Adam, fit, moons
from nn.losses import hinge
X, y = moons(60, seed=1)
model = MLP(2, [8, 1], "tanh", seed=0)
history = fit(model, X, y, loss=hinge, optimizer=Adam(model.parameters(), 0.02), epochs=150, batch_size=10, seed=3,
              validation=0.2, average=0.99, checkpoint=sys.argv[1], resume=True, progress=False)
np.savez(sys.argv[2], *[history[name] for name in history], *model.state_dict().values())
"""


@pytest.mark.slow
def test_killed_at_random_moments_and_resumed(tmp_path):
    """Kill a run that writes a checkpoint after every epoch, twenty times; it must end as if nothing had happened."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", TRAINING]
    start = time.perf_counter()
    subprocess.run([*command, tmp_path / "a.npz", tmp_path / "whole.npz"], env=environment, check=True)
    duration = time.perf_counter() - start
    draw = random.Random(0)  # noqa: S311  # when to kill
    kills = 0
    for _attempt in range(200):
        process = subprocess.Popen([*command, tmp_path / "b.npz", tmp_path / "killed.npz"], env=environment)
        try:
            process.wait(duration * draw.uniform(0.3, 0.75) if kills < 20 else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            continue
        assert process.returncode == 0
        if kills < 20:  # it ran to its end before it was killed twenty times; again, from the start
            (tmp_path / "b.npz").unlink()
            (tmp_path / "killed.npz").unlink()
            continue
        break
    assert kills == 20
    with np.load(tmp_path / "whole.npz") as whole, np.load(tmp_path / "killed.npz") as killed:
        assert len(whole.files) == len(killed.files) > 10
        for name in whole.files:
            assert np.array_equal(whole[name], killed[name])


def test_a_loss_with_settings_is_known_again_in_another_process(tmp_path):
    script = (
        "import functools, sys; from nn import *;"
        "X, y = moons(20); m = MLP(2, [3, 1], seed=0);"
        "h = fit(m, X, y, loss=functools.partial(huber, delta=0.5), epochs=int(sys.argv[2]), checkpoint=sys.argv[1],"
        "        resume=True); print(h.epochs)"
    )
    for epochs in ("2", "4"):
        command = [sys.executable, "-c", script, tmp_path / "run.npz", epochs]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{epochs}\n"
