from threading import Thread

import pytest
from pictures import SVG, margin_loss, parse, texts

from autograd import Value
from viz import draw
from viz.styles import STYLES


def picture(i):
    """Return the i-th picture, and the numbers that must stand in it."""
    x, y, z = Value(i, label="x"), Value(5, label="y"), Value(-4, label="z")
    f = (x + y) * z
    f.backward()
    return draw(f, style=list(STYLES)[i % len(STYLES)], theme="light"), [
        (i, -4),
        (5, -4),
        (-4, i + 5),
        (-4 * (i + 5), 1),
    ]


def is_right(drawing, wanted):
    nodes = [texts(group) for group in parse(drawing.svg).iter(f"{SVG}g") if group.get("class") == "node"]
    shown = [(node["value"].split()[-1], node["gradient"].split()[-1]) for node in nodes if "gradient" in node]
    return len(shown) == 5 and all(tuple(str(n).replace("-", "−") for n in pair) in shown for pair in wanted)


@pytest.mark.slow
def test_two_threads_draw_500_pictures_each():
    loss = margin_loss()
    folded = draw(loss, theme="light").svg
    failed, done = [], []

    def work(start):
        for i in range(start, start + 500):
            drawing, wanted = picture(i)
            done.append(drawing.svg)
            if not is_right(drawing, wanted):
                failed.append(i)
            if i % 50 == 0 and draw(loss, theme="light").svg != folded:
                failed.append(("folded", i))

    threads = [Thread(target=work, args=(start,)) for start in (0, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(set(done)) == len(done) == 1000
    assert picture(7)[0].svg in done
    assert picture(1499)[0].svg in done
