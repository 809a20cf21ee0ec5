import io
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.contour import QuadContourSet
from matplotlib.text import Text
from PIL import Image
from plots_by_hand import outputs_of, state_of, weights_of, with_theta

from nn import MLP, Adam, binary_cross_entropy_with_logits, cross_entropy, fit, moons, spirals
from nn.training import History
from viz import VizError
from viz.errors import SaveError
from viz.plots import FlipBook, WeightPath, flip_book
from viz.plots.turning import SLACK, short, thinned

EPOCHS = 14
SVG = "{http://www.w3.org/2000/svg}"


class Run:
    def __init__(self, data, model, loss, **options):
        self.X, self.y = data
        self.model, self.path = model, WeightPath(model)
        self.history = fit(model, self.X, self.y, loss=loss, epochs=EPOCHS, callbacks=self.path, **options)

    def book(self, **options):
        return flip_book(self.model, self.X, self.y, self.path, self.history, **options)


def two(seed=0):
    model = MLP(2, [4, 1], "tanh", seed=seed)
    optimizer = Adam(model.parameters(), 0.1)
    return Run(moons(40), model, binary_cross_entropy_with_logits, validation=0.25, optimizer=optimizer)


@pytest.fixture(scope="module")
def run():
    return two()


@pytest.fixture(scope="module")
def book(run):
    return run.book(frames=8, seconds=2.0, rest=1.0)


@pytest.fixture(scope="module")
def gif(book):
    return book._pages.gif(2.0, 1.0, True)


def frames_of(gif):
    image = Image.open(io.BytesIO(gif))
    found = []
    for k in range(image.n_frames):
        image.seek(k)
        found.append((np.asarray(image.convert("RGB")).astype(int), image.info["duration"]))
    return found


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314  # our own


# --- the pages --------------------------------------------------------------------------------------------------------


def test_pages_are_evenly_spaced_and_include_the_first_and_the_last_epoch(book):
    assert book.epochs == [0, 2, 4, 6, 8, 10, 12, 14]
    assert repr(book).startswith("<FlipBook: decision boundary, epoch 0 to 14, 8 pages, 3 s, ")
    assert book.seconds == 3.0


def test_each_page_has_the_boundary_of_its_epoch(book, run):
    for page, epoch in zip(book._pages.pages, book.epochs, strict=True):
        layers = with_theta(run.model, run.path.weights[epoch])
        lines = [c for c in page.own if isinstance(c, QuadContourSet) and not c.filled]
        for line in lines:
            ends = np.concatenate([path.vertices for path in line.get_paths()])
            assert outputs_of(layers, ends) == pytest.approx(0.0, abs=0.02)
    assert lines


def test_each_page_has_its_bands_above_the_levels_they_begin_at(book, run):
    page, weights = book._pages.pages[-1], run.path.weights[-1]
    bands = [c for c in page.own if isinstance(c, QuadContourSet) and c.filled]
    inside = [c.get_paths()[0].vertices.mean(axis=0) for c in bands]
    assert len(bands) >= 4
    levels = [c.levels[0] for c in bands]
    assert levels == sorted(levels)
    x, y = np.meshgrid(np.linspace(-1, 2, 25), np.linspace(-0.5, 1, 25))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    scores = outputs_of(with_theta(run.model, weights), points)
    for band in bands:
        (path,) = band.get_paths()
        within = path.contains_points(points)
        clear = np.abs(scores - band.levels[0]) > 0.1 * np.abs(scores).max()  # the outline is one of straight lines
        assert np.array_equal(within[clear], (scores > band.levels[0])[clear])
    assert len(inside) == len(bands)


def test_the_loss_grows_to_the_whole_curve(book, run):
    pages = book._pages.pages
    loss, validation = run.history["loss"], run.history["validation_loss"]
    for curve, place in ((loss, 0), (validation, 1)):
        seen = [point for page in pages[1:] for point in page.lasting[place].get_xydata().tolist()]
        assert dict(map(tuple, seen)) == dict(enumerate(curve.tolist(), start=1))
        ends = [page.lasting[place].get_xydata()[[0, -1]].tolist() for page in pages[1:]]
        assert all(end == start for (_, end), (start, _) in pairwise(ends))  # without gaps
    for page, epoch in zip(pages[1:], book.epochs[1:], strict=True):
        dots = [a for a in page.own if getattr(a, "get_marker", lambda: "")() == "o"]
        assert [dot.get_xydata()[0].tolist() for dot in dots] == [
            [epoch, loss[epoch - 1]], [epoch, validation[epoch - 1]],
        ]  # fmt: skip
        assert [a.get_text() for a in page.own if isinstance(a, Text)] == [f"epoch {epoch}"]


def test_axes_hold_all_samples_and_the_whole_curve(book, run):
    left, right = book.figure.axes
    for low, high, numbers in (
        (*left.get_xlim(), run.X[:, 0]), (*left.get_ylim(), run.X[:, 1]), (*right.get_ylim(), run.history["loss"]),
    ):  # fmt: skip
        assert low < numbers.min() < numbers.max() < high
    assert right.get_xlim() == (0.0, EPOCHS)


def test_pyplot_is_left_alone(run):
    before = pyplot.get_fignums()
    run.book(frames=2)
    assert pyplot.get_fignums() == before


def test_several_classes():
    X, y = spirals(60, 3)
    model = MLP(2, [5, 3], "tanh", seed=0)
    run = Run((X, y), model, cross_entropy)
    book = run.book(frames=3)
    bands = [c for c in book._pages.pages[-1].own if isinstance(c, QuadContourSet) and c.filled]
    points = np.array([[a, b] for a in np.linspace(-0.9, 0.9, 12) for b in np.linspace(-0.9, 0.9, 12)])
    scores = outputs_of(weights_of(model), points)
    best = np.sort(scores, axis=1)
    clear = best[:, -1] - best[:, -2] > 0.1
    winners = np.zeros(len(points), int)
    for k, band in enumerate(bands, start=1):
        winners[band.get_paths()[0].contains_points(points)] = k
    assert np.array_equal(winners[clear], scores.argmax(axis=1)[clear])
    assert book.svg.startswith("<svg")


# --- the SVG ----------------------------------------------------------------------------------------------------------


def keyframes(svg):
    found = re.findall(r"@keyframes g\w+-([ol])(\d+)\{(.*?\})\}", svg)
    return {
        (kind, int(k)): [(float(at), seen) for at, seen in re.findall(r"([\d.e-]+)%\{visibility:(\w+)\}", body)]
        for kind, k, body in found
    }


def test_each_page_is_seen_at_its_time_alone(book):
    frames = keyframes(book.svg)
    for share in np.linspace(0.0, 99.9, 200):
        seen = [k for k in range(8) if [s for at, s in frames["o", k] if at <= share][-1] == "visible"]
        assert len(seen) == 1
        expected = min(int(share / 100.0 * 3.0 / (2.0 / 7)), 7)
        assert abs(seen[0] - expected) <= (1 if abs(share / 100 * 3.0 / (2 / 7) % 1 - 0.5) > 0.49 else 0)
        lasting = [k for k in range(8) if [s for at, s in frames["l", k] if at <= share][-1] == "visible"]
        assert lasting == list(range(seen[0] + 1))


def test_at_rest_and_for_who_wants_less_motion_the_last_page_is_seen(book):
    still, _, moving = book.svg.partition("@media (prefers-reduced-motion:no-preference)")
    (hidden,) = re.findall(r"((?:\.g\w+-o\d+,?)+)\{visibility:hidden\}", still.replace("0%", ""))
    assert [int(k) for k in re.findall(r"-o(\d+)", hidden)] == list(range(7))
    assert "animation:" not in still
    assert moving.count("animation:") == 16
    assert moving.count("3s step-end infinite") == 16


def test_it_can_play_once(run):
    svg = run.book(frames=2, loop=False).svg
    assert parsed(svg).get("class") != parsed(run.book(frames=2).svg).get("class")  # for their rules differ
    assert "step-end 1}" in svg
    assert "infinite" not in svg


def test_every_part_of_a_page_has_its_class(book):
    root = parsed(book.svg)
    name = root.get("class")
    for k, page in enumerate(book._pages.pages):
        assert len(root.findall(f".//{SVG}g[@class='{name}-o{k}']")) == len(page.own)
        assert len(root.findall(f".//{SVG}g[@class='{name}-l{k}']")) == len(page.lasting)


def test_the_file_is_whole_small_and_harmless(book):
    root = parsed(book.svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == book.title
    assert len(book.svg) < 12_000 * 8
    assert not list(root.iter(f"{SVG}script"))
    for element in root.iter():
        for key, text in element.attrib.items():
            assert not key.startswith("on")
            if key.endswith("href"):
                assert text.startswith("#")
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", book.svg)


def test_references_are_found_and_rules_hold_for_this_picture_alone(book):
    ids = re.findall(r' id="([^"]+)"', book.svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', book.svg)) <= set(ids)
    for sheet in re.findall(r"<style[^>]*>(.*?)</style>", book.svg, flags=re.DOTALL):
        rest = re.sub(r"@keyframes g\w+-\w\d+\{(?:[\d.e-]+%\{[^}]*\})*\}", "", sheet)
        selectors = re.findall(r"(?:^|[{}])\s*([.*\w][^{}@]*)\{", rest)
        assert selectors
        assert all(
            part.strip().startswith(f".{parsed(book.svg).get('class')}") for s in selectors for part in s.split(",")
        )


def test_the_same_run_gives_the_same_file_and_another_run_other_names(book):
    one, again, other = two().book(frames=2), two().book(frames=2), two(seed=1).book(frames=2)
    assert one.svg == again.svg
    assert set(re.findall(r' id="([^"]+)"', other.svg)).isdisjoint(re.findall(r' id="([^"]+)"', one.svg))
    assert len({parsed(picture.svg).get("class") for picture in (one, other, book)}) == 3


def test_a_notebook_shows_it(book):
    assert book._repr_mimebundle_() == {"image/svg+xml": book.svg, "text/plain": repr(book)}


# --- paths, written short ---------------------------------------------------------------------------------------------

coordinate = st.floats(0.0, 500.0).map(lambda x: round(x, 6))
small = st.floats(0.0, 3.0).map(lambda x: round(x, 6))
points = st.lists(st.tuples(coordinate, coordinate) | st.tuples(small, small), min_size=1, max_size=25)


def read(path):
    """Return the points of a path of M, l, h, v and z."""
    x = y = 0.0
    found = []
    for command, text in re.findall(r"([Mlhv])([^Mlhvz]*)", path):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]
        if command == "M":
            x, y = numbers
        else:
            dx, dy = numbers if command == "l" else (numbers[0], 0.0) if command == "h" else (0.0, numbers[0])
            x, y = x + dx, y + dy
        found.append((x, y))
    return found


def distance(point, line):
    best = np.hypot(*np.subtract(point, line[0]))
    for a, b in zip(np.array(line), np.array(line[1:]), strict=False):
        length = float((b - a) @ (b - a))
        share = min(max(float((np.array(point) - a) @ (b - a)) / length, 0.0), 1.0) if length else 0.0
        best = min(best, np.hypot(*(np.array(point) - a - share * (b - a))))
    return best


@given(points)
def test_a_short_path_stays_near_the_long_one(line):
    text = " ".join(f"{'L' if i else 'M'} {x} {y}" for i, (x, y) in enumerate(line))
    found = read(short(f"{text} z"))
    assert len(found) <= len(line)
    assert short(f"{text} z").endswith("z")
    for point in line:
        assert distance(point, found) <= SLACK + 0.08  # and half a tenth each way, for rounding
    assert found[0] == pytest.approx(line[0], abs=0.051)
    assert found[-1] == pytest.approx(line[-1], abs=0.051) or len(found) == 1


def test_a_gentle_curve_keeps_its_bends():
    line = [(0.5 * k, 20.0 + 10.0 * np.sin(0.1 * k)) for k in range(200)]
    found = thinned(line)
    assert 10 < len(found) < 60
    assert max(distance(point, found) for point in line) <= SLACK == 0.12


def test_rounding_does_not_add_up_and_pieces_stay_apart():
    line = [(0.04 * k + 0.04 * (k % 2) * k, float(k)) for k in range(200)]
    text = " ".join(f"{'L' if i else 'M'} {x} {y}" for i, (x, y) in enumerate(line))
    assert read(short(text))[-1] == pytest.approx(line[-1], abs=0.051)
    assert short("M 0 0 L 1 0 M 5 5 L 5 7.25 z") == "M0 0h1M5 5v2.2z"
    assert thinned([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)]) == [(0.0, 0.0), (2.0, 0.0)]


# --- the GIF ----------------------------------------------------------------------------------------------------------


def test_the_gif_has_a_page_for_each_and_rests_on_the_last(gif):
    frames = frames_of(gif)
    assert len(frames) == 8
    assert [duration for _, duration in frames] == [290] * 7 + [1000]
    assert len(gif) < 12_000 * 8


def test_axes_and_their_numbers_stay_where_they_are(book, gif):
    frames = [pixels for pixels, _ in frames_of(gif)]
    height, width, _ = frames[0].shape
    changing = np.zeros((height, width), bool)
    for frame in frames[1:]:
        changing |= (frame != frames[0]).any(axis=2)
    allowed = np.zeros((height, width), bool)
    for ax in book.figure.axes:
        box = ax.get_position()
        top, bottom = round((1 - box.y1) * height) - 6, round((1 - box.y0) * height) + 6
        allowed[top:bottom, round(box.x0 * width) - 6 : round(box.x1 * width) + 7] = True
    text = book.figure.axes[1].get_position()
    allowed[: round((1 - text.y1) * height), round((text.x1 - 0.12) * width) :] = True  # where the epoch stands
    assert changing.any()
    assert not (changing & ~allowed).any()


def test_flat_colours_are_exact(gif):
    assert (frames_of(gif)[0][0][0, 0] == 255).all()


def test_a_page_shows_its_own_parts_and_what_lasts(run):
    pages = run.book(frames=4)._pages
    pages._turn_to(2)
    assert [{a.get_visible() for a in page.own} for page in pages.pages] == [{False}, {False}, {True}, {False}]
    assert [{a.get_visible() for a in page.lasting} for page in pages.pages] == [set(), {True}, {True}, {False}]


def test_drawing_the_gif_leaves_all_pages_seen(book, gif):
    assert all(artist.get_visible() for page in book._pages.pages for artist in (*page.own, *page.lasting))


@pytest.mark.slow
def test_forty_pages_stay_below_500_kb(tmp_path):
    X, y = spirals(200, 3)
    model = MLP(2, [16, 16, 3], "tanh", seed=1)
    path = WeightPath(model)
    optimizer = Adam(model.parameters(), 0.03)
    history = fit(model, X, y, loss=cross_entropy, epochs=300, callbacks=path, optimizer=optimizer)
    book = flip_book(model, X, y, path, history)
    assert len(book.epochs) == 40
    assert len(book.svg.encode()) < 500_000
    assert book.save(tmp_path / "run.gif").stat().st_size < 500_000


# --- what stays, and what is refused ----------------------------------------------------------------------------------


def test_it_is_saved_as_svg_or_gif(book, tmp_path):
    assert book.save(tmp_path / "run.svg").read_text() == book.svg
    saved = book.save(str(tmp_path / "run.GIF"))
    assert saved.read_bytes().startswith(b"GIF89a")
    with pytest.raises(VizError, match=r"ends neither in \.svg nor in \.gif"):
        book.save(tmp_path / "run.png")
    with pytest.raises(SaveError, match="cannot write"):
        book.save(tmp_path / "nowhere" / "run.svg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.GIF", "run.svg"]


def test_the_model_stays_as_it_is(run):
    run.model.parameters()[0].grad = 3.0
    before = state_of(run.model)
    assert isinstance(run.book(frames=2), FlipBook)
    assert state_of(run.model) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frames": 1}, "from 2 to 120; not 1"),
        ({"frames": 2.5}, "a number of pages"),
        ({"seconds": 0}, "seconds=0; it is a number of seconds from 0.1"),
        ({"rest": "long"}, "rest='long'"),
        ({"loop": 1}, "loop=1"),
        ({"bounds": 3}, "bounds are"),
        ({"threshold": "a"}, "the threshold is"),
    ],
)
def test_an_option_that_cannot_be_says_why(run, options, message):
    with pytest.raises(VizError, match=message):
        run.book(**options)


def test_what_does_not_belong_together_is_refused(run):
    arguments = [run.model, run.X, run.y, run.path, run.history]
    for place, other, message in (
        (0, MLP(2, [4, 1]), "the path is that of another model"),
        (1, np.zeros((4, 3)), "the plane of two features"),
        (3, None, "the path is a WeightPath"),
        (3, WeightPath(run.model), "the path has epoch 0 alone"),
        (4, History(), "so it is not of this history"),
        (4, None, "so it is not of this history"),
    ):
        with pytest.raises(VizError, match=message):
            flip_book(*arguments[:place], other, *arguments[place + 1 :])
