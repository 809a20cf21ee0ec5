"""The SVG of an animation: a drawing's own, with each part bound to the frames in which it is seen.

Its attributes show the finished picture, and hide what belongs to earlier frames only. The keyframes, which make it
move, stand inside a media query for readers who have not asked for less motion:

    .gg-seen .gg-s3-5   seen from frame 3 up to frame 5; without the 5, for good
    .gg-lit .gg-l3      lit in frame 3: a ring around a node, and dashes running along its edges
    .gg-flow-forward    the dashes; .gg-head: the head on the line of time
"""

from __future__ import annotations

import hashlib
import re
from xml.etree import ElementTree as ET

from viz.graphic import own_colours, own_rules
from viz.model import Picture
from viz.svg import FONTS
from viz.text import columns, number
from viz.theme import colours, rows
from viz.timeline import Frame, Timeline

LEAST_COLUMNS = 64  # of the caption
FADE = 0.15  # of a step, in which light comes and goes

_SIZE = 11.0  # of the caption's font; of a wide picture, which will be shown smaller, up to _LARGER times that
_LARGER, _WIDE = 1.5, 640.0
_MARGIN = 12.0
_DASHES = 14.0  # from one dash of a lit edge to the next

_NUMBER = re.compile(r"-?[\d.]+(?:e[-+]?\d+)?")
_SHAPES = ("path", "polygon", "ellipse")


class Scene:
    """The SVG under construction: each part gets the class of the frames in which it is seen."""

    def __init__(
        self, raw: str, timeline: Timeline, drawn: Picture, theme: str, pace: float, rest: float, loop: bool
    ) -> None:
        self.timeline, self.drawn = timeline, drawn
        self.theme, self.palette = theme, colours(theme)
        light = rows(theme)
        self._strokes = {kind: ("stroke", *light[role][1:]) for kind, role in _LIT.items()}
        self._lit = own_colours(self._strokes, theme)
        self.pace, self.rest, self.loop = pace, rest, loop
        self.last = len(timeline.frames) - 1  # the frame that rests
        self.seconds = self.last * pace + rest
        self.root = ET.fromstring(raw)  # noqa: S314  # our own
        for element in self.root.iter():
            element.tag = element.tag.rpartition("}")[2]
        self.root.attrib = {"xmlns": "http://www.w3.org/2000/svg", **self.root.attrib}
        body = self.root.find("g")
        assert body is not None  # svg.py has seen to it
        self.body = body
        old = self.root.get("id", "")
        settings = f"{pace} {rest} {loop} {[frame.kind for frame in timeline.frames]}"
        self.id = "a" + hashlib.sha256((raw + settings).encode()).hexdigest()[:10]
        for element in self.root.iter():
            for name in ("id", "aria-labelledby"):
                if name in element.attrib:
                    element.set(name, element.attrib[name].replace(old, self.id))
        for style in self.root.findall("style"):
            style.text = (style.text or "").replace(old, self.id)
        self.parts = {group.get("id", "").removeprefix(f"{self.id}-"): group for group in body.iter("g")}
        self._spans: dict[str, str] = {}  # class → keyframes
        self._settle()

    def text(self) -> str:
        """Return the finished file."""
        description = self.root.find("desc")
        assert description is not None
        loop = "then it begins anew" if self.loop else "then it stays"
        description.text = (
            f"Animation, {self.pace:g} s a step; at the end the finished picture rests for {self.rest:g} s, {loop}. "
            + "; ".join(" ".join(lines) for lines in self.captions)
        )
        return ET.tostring(self.root, encoding="unicode") + "\n"

    # --- spans of frames ----------------------------------------------------------------------------------------------

    def _at(self, frame: float) -> str:
        """Return when a frame begins, as a share of the whole."""
        return f"{100 * frame * self.pace / self.seconds:.4f}".rstrip("0").rstrip(".") + "%"

    def _seen(self, element: ET.Element, first: int, end: int | None = None) -> None:
        """Show an element from its first frame on, up to the frame ``end``, or for good."""
        if first == 0 and end is None:
            return
        name = f"gg-s{first}-{'' if end is None else end}"
        stages = [(0, "hidden")] if first else []
        stages.append((first, "visible"))
        if end is not None:
            stages.append((end, "hidden"))
            element.set("visibility", "hidden")
        self._spans[name] = "".join(f"{self._at(frame)}{{visibility:{state}}}" for frame, state in stages)
        element.set("class", f"{element.get('class', '')} gg-seen {name}".strip())

    def _light(self, element: ET.Element, frame: int) -> None:
        """Light an element during a frame; it comes and goes softly."""
        name = f"gg-l{frame}"
        at = [self._at(x) for x in (frame, frame + FADE, frame + 1 - FADE, frame + 1)]
        self._spans[name] = f"0%,{at[0]}{{opacity:0}}{at[1]},{at[2]}{{opacity:1}}{at[3]},100%{{opacity:0}}"
        element.set("opacity", "0")
        element.set("class", f"{element.get('class', '')} gg-lit {name}")

    def _rules(self) -> str:
        """Return the style sheet: colours in the dark, and all that moves."""
        seconds, count = f"{self.seconds:g}s", "infinite" if self.loop else "1"
        end = self._at(self.last)
        keyframes = {f"{self.id}-{name}": text for name, text in self._spans.items()} | {
            f"{self.id}-forward": f"to{{stroke-dashoffset:{-_DASHES:g}}}",
            f"{self.id}-backward": f"to{{stroke-dashoffset:{_DASHES:g}}}",
            f"{self.id}-head": f"0%{{transform:translateX({-self._track:.2f}px)}}{end},100%{{transform:none}}",
        }
        moving = {
            ".gg-seen": f"animation:{seconds} step-end {count}",
            ".gg-lit": f"animation:{seconds} linear {count}",
            **{f".{name}": f"animation-name:{self.id}-{name}" for name in self._spans},
            ".gg-flow-forward": f"animation:{self.id}-forward .7s linear infinite",
            ".gg-flow-backward": f"animation:{self.id}-backward .7s linear infinite",
            ".gg-head": f"animation:{self.id}-head {seconds} linear {count}",
        }
        rules = "".join(f"@keyframes {name}{{{text}}}" for name, text in keyframes.items())
        rules += "".join(f"#{self.id} {name}{{{text}}}" for name, text in moving.items())
        dark = own_rules(self._strokes, self.theme, self.id)
        return f"{dark}@media (prefers-reduced-motion:no-preference){{{rules}}}"

    # --- parts --------------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        for i in range(len(self.drawn.nodes)):
            self._node(i)
        self._edges()
        for k, frame in enumerate(self.timeline.frames):
            if frame.kind in _LIT:
                self._step(k, frame)
        _, _, width, height = (float(x) for x in self.root.get("viewBox", "").split())
        self._below(width, height)
        style = ET.Element("style")
        style.text = self._rules()
        style.tail = "\n"
        self.root.insert(list(self.root).index(self.body), style)

    def _node(self, i: int) -> None:
        """Let a node's value appear in its frame, and its gradients one after the other, each on its ground."""
        group, totals = self.parts[f"v{i}"], self.timeline.totals[i]
        value = _line(group, "gg-value")
        self._seen(value, self.timeline.values[i])
        if not totals:
            return
        gradient = _line(group, "gg-gradient")
        drawn = self.drawn.nodes[i].gradient
        prefix = (gradient.text or "").rpartition(number(drawn or 0.0))[0]
        at = list(group).index(gradient)
        group.remove(gradient)
        for j, part in enumerate(totals):
            state = ET.Element("g")
            text = ET.Element("text", gradient.attrib)
            text.text = prefix + number(part.total)
            state.extend([*self._ground(text, part.final), text])
            self._seen(state, part.frame, totals[j + 1].frame if j + 1 < len(totals) else None)
            group.insert(at + j, state)

    def _ground(self, text: ET.Element, final: bool) -> list[ET.Element]:
        """Return what lies behind a gradient: a plain frame if it is final, a dashed one with hatching if not."""
        x, y = float(text.get("x", "")), float(text.get("y", ""))
        width = max(24.0, columns(text.text or "") * 7.2 + 6)
        return self._patch(x - width / 2, y - 10.2, width, final)

    def _patch(self, x: float, y: float, width: float, final: bool) -> list[ET.Element]:
        place = {"x": f"{x:.5g}", "y": f"{y:.5g}", "width": f"{width:.4g}", "height": "13.2", "rx": "3"}
        ground = ET.Element("rect", {**place, "fill": self.palette["background"], "stroke": self._lit["backward"]})
        ground.set("class", "gg-background gg-backward")
        if final:
            ground.set("stroke-width", "0.7")
            return [ground]
        ground.set("stroke-dasharray", "2 2")
        return [ground, ET.Element("rect", {**place, "fill": f"url(#{self.id}-hatching)"})]

    def _edges(self) -> None:
        """Let each edge's local derivative appear with the value that it is a derivative of."""
        places = {node.id: i for i, node in enumerate(self.drawn.nodes)}
        for j, edge in enumerate(self.drawn.edges):
            for text in self.parts[f"e{j}"].findall("text"):
                self._seen(text, self.timeline.values[places[edge.user]])

    def _step(self, k: int, frame: Frame) -> None:
        """Light a node, and dashes that run along its edges in the direction of the pass."""
        lit = ET.Element("g", {"fill": "none", "stroke": self._lit[frame.kind], "class": f"gg-{frame.kind}"})
        flow = ET.SubElement(lit, "g", {"stroke-width": "2.5", "stroke-dasharray": "9 5"})
        flow.set("class", f"gg-flow-{frame.kind}")
        for j in frame.edges:
            for path in self.parts[f"e{j}"].findall("path"):
                ET.SubElement(flow, "path", {"d": path.get("d", "")})
        node = self.parts.get(f"v{frame.node}op", self.parts[f"v{frame.node}"])
        shape = next((element for element in node if element.tag in _SHAPES), None)
        if shape is not None:
            x, y, width, height = _extent(shape)
            halo = {"x": x - 3, "y": y - 3, "width": width + 6, "height": height + 6}
            halo["rx"] = (width + 6) / 2 if shape.tag == "ellipse" else 14
            if shape.tag == "ellipse":
                halo["ry"] = (height + 6) / 2
            ET.SubElement(lit, "rect", {key: f"{x:.5g}" for key, x in halo.items()} | {"stroke-width": "3"})
        self._light(lit, k)
        self.body.append(lit)

    # --- below the graph ----------------------------------------------------------------------------------------------

    def _below(self, width: float, height: float) -> None:
        """Write the captions, the line of time and the legend below the graph, and make room for them."""
        size = _SIZE * min(_LARGER, max(1.0, width / _WIDE))
        digit, lead = 0.6 * size, 1.36 * size
        room = max(LEAST_COLUMNS, int((width - 2 * _MARGIN) / digit))
        frames = range(self.last + 1)
        self.captions = [self.timeline.caption(k, room) for k in frames]
        used = max(columns(line) for lines in self.captions for line in lines)
        whole = max(width, used * digit + 2 * _MARGIN)
        top = height + 14 + size
        bottom = top + lead * max(map(len, self.captions))
        self._resize(width, whole, bottom + 20)
        below = ET.SubElement(self.root, "g", {"font-family": FONTS, "font-size": f"{size:.4g}"})
        below.attrib |= {"fill": self.palette["name"], "class": "gg-name"}
        self._time(below, whole, height + 4)
        for k in frames:
            group = ET.SubElement(below, "g")
            for j, line in enumerate(self.captions[k]):
                indent = len(line) - len(line.lstrip())
                place = {"x": f"{_MARGIN + indent * digit:.5g}", "y": f"{top + lead * j:.5g}"}
                self._caption(ET.SubElement(group, "text", place), k, j, line.strip())
            self._seen(group, k, k + 1 if k < self.last else None)
        self._legend(below, bottom + 2, 0.9 * size)

    def _resize(self, width: float, whole: float, total: float) -> None:
        """Make the picture so large, with the graph in the middle, on one background."""
        self.root.set("viewBox", f"0 0 {whole:.2f} {total:.2f}")
        self.root.set("width", f"{whole:.0f}pt")
        self.root.set("height", f"{total:.0f}pt")
        for background in self.body.findall("polygon"):
            self.body.remove(background)
        ground = ET.Element("rect", {"width": "100%", "height": "100%", "fill": self.palette["background"]})
        ground.set("class", "gg-background")
        at = list(self.root).index(self.body)
        self.root.insert(at, ground)
        self.root.insert(at, self._hatching())
        if whole > width:
            self.body.set("transform", f"translate({(whole - width) / 2:.2f} 0) {self.body.get('transform', '')}")

    def _hatching(self) -> ET.Element:
        definitions = ET.Element("defs")
        look = {"id": f"{self.id}-hatching", "width": "5", "height": "5", "patternUnits": "userSpaceOnUse"}
        pattern = ET.SubElement(definitions, "pattern", {**look, "patternTransform": "rotate(45)"})
        stripe = {"width": "1.8", "height": "5", "fill": self.palette["gradient"], "fill-opacity": "0.25"}
        ET.SubElement(pattern, "rect", {**stripe, "class": "gg-gradient"})
        return definitions

    def _time(self, below: ET.Element, whole: float, y: float) -> None:
        """Draw a line of time, its forward and its backward part, and a head that moves along it."""
        self._track = whole - 2 * _MARGIN
        turn = next(k for k, frame in enumerate(self.timeline.frames) if frame.kind == "seed") / self.last
        for start, end, role in ((0.0, turn, "value"), (turn, 1.0, "gradient")):
            x, length = _MARGIN + start * self._track, (end - start) * self._track
            bar = {"x": f"{x:.2f}", "y": f"{y:g}", "width": f"{length:.2f}", "height": "3"}
            bar |= {"fill": self.palette[role], "fill-opacity": "0.4", "class": f"gg-{role}"}
            ET.SubElement(below, "rect", bar)
        head = {"cx": f"{_MARGIN + self._track:.2f}", "cy": f"{y + 1.5:g}", "r": "4", "class": "gg-head"}
        ET.SubElement(below, "circle", head)

    def _caption(self, element: ET.Element, k: int, j: int, line: str) -> None:
        """Write a line of a caption; the kind of step stands in its colour."""
        start = self.timeline.heading(k)
        if j > 0 or not line.startswith(start):
            element.text = line
            return
        role = "value" if self.timeline.frames[k].kind in ("start", "forward") else "gradient"
        head = ET.SubElement(element, "tspan", {"fill": self.palette[role], "class": f"gg-{role}"})
        head.set("font-weight", "bold")
        head.text, head.tail = start, line.removeprefix(start)

    def _legend(self, below: ET.Element, y: float, size: float) -> None:
        """Say what the frame around a gradient means."""
        x = _MARGIN
        sums = any(not part.final for totals in self.timeline.totals for part in totals)
        for final, text in ((False, "sum so far, more to come"), (True, "final gradient")):
            if final or sums:
                below.extend(self._patch(x, y - 3, 22, final))
                place = {"x": f"{x + 28:g}", "y": f"{y + 6.5:g}", "font-size": f"{size:.4g}", "class": "gg-local"}
                ET.SubElement(below, "text", {**place, "fill": self.palette["local"]}).text = text
                x += 28 + columns(text) * 0.6 * size + 16


_LIT = {"forward": "value", "seed": "gradient", "backward": "gradient"}  # kind of step → role of its colour


def _line(group: ET.Element, role: str) -> ET.Element:
    """Return a node's text of some role."""
    return next(text for text in group.iter("text") if role in text.get("class", "").split())


def _extent(shape: ET.Element) -> tuple[float, float, float, float]:
    """Return the box around a shape: x, y, width, height."""
    if shape.tag == "ellipse":
        x, y, rx, ry = (float(shape.get(name, "0")) for name in ("cx", "cy", "rx", "ry"))
        return x - rx, y - ry, 2 * rx, 2 * ry
    numbers = [float(x) for x in _NUMBER.findall(shape.get("d") or shape.get("points") or "")]
    xs, ys = numbers[0::2], numbers[1::2]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
