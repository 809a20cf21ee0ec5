"""The forms of an explanation: plain text, LaTeX, and Markdown for notebooks."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable

from autograd.explain.story import Line, Story
from autograd.explain.symbols import PRODUCT, number, whole
from autograd.table import columns

WIDTH = 100  # columns of plain text
MOST_ADDENDS = 6  # that a sum in LaTeX spells out

_VALUES = "The values on the way:"
_GATES = "What the gates do with the gradient, from {f} back to {x}:"
_BRANCHES = "Where a value goes to several places, the gradients that come back are added:"


def _headline(story: Story, quoted: Callable[[str], str] = str) -> tuple[str, str]:
    """Return the result, and how it comes about."""
    result = f"∂{story.f.within(PRODUCT).text}/∂{story.x.within(PRODUCT).text} = {number(story.gradient).text}"
    f, x = quoted(story.f.text), quoted(story.x.text)
    if not story.paths:
        return result, " ".join(
            filter(None, [f"No path leads from {x} to {f}: {f} does not depend on it.", story.hint])
        )
    if not story.link:
        return result, f"{x} is the output itself: its path has no links, and a product of no factors is 1."
    if story.paths == 1:
        way, rule = f"One path leads from {x} to {f}", "the local derivatives along it multiply"
    else:
        way = f"{whole(story.paths).text.capitalize()} paths lead from {x} to {f}"
        rule = "the local derivatives along each path multiply, and the products add up"
    if not story.lines:
        return result, f"{way}."
    if not story.hidden:
        return result, f"{way}; {rule}."
    return result, f"{way}; {rule}. The {f'{len(story.lines):,} ' if len(story.lines) > 1 else ''}largest:"


def _ending(story: Story, quoted: Callable[[str], str] = str) -> str:
    """Return what the gradient means."""
    f, x = quoted(story.f.text), quoted(story.x.text)
    if not math.isfinite(story.gradient):
        return f"So {f} has no finite slope in {x} here."
    if not story.gradient:
        return f"So a small change of {x} leaves {f} as it is, to first order."
    step = "ε" if "h" in (story.x.text, story.f.text) else "h"
    return f"So if {x} grows by a small {step}, {f} changes by about {number(story.gradient).text} · {step}."


def _sums(story: Story) -> list[tuple[str, str]]:
    """Return what stands below several paths: their sum and, of paths not shown, what these add."""
    if story.paths == 1:
        return []
    shown = number(story.shown).text
    if not story.hidden:
        return [("sum", shown)]
    share = "" if math.isnan(story.share) else f" ({100 * story.share:.3g} % of the sum of all |products|)"
    others = "the other path" if story.hidden == 1 else f"the other {whole(story.hidden).text} paths"
    these = f"sum of these {len(story.lines):,}" if len(story.lines) > 1 else "this path"
    return [(these, shown + share), (others, number(story.remainder).text), ("all paths", number(story.gradient).text)]


# --- plain text -------------------------------------------------------------------------------------------------------


def as_text(story: Story) -> str:
    """Return the explanation as plain text, in lines of 100 columns where the names allow it."""
    blocks = [textwrap.fill(". ".join(_headline(story)), WIDTH)]
    if story.link and story.lines:
        blocks.append(_table(story))
        blocks += [_indented(story.notes)]
        values = [(f"  {made}", f"= {how}", f"= {value}") for made, how, value in story.values]
        blocks += [f"{_VALUES}\n{columns(values)}"] if values else []
        blocks.append(f"{_GATES.format(f=story.f.text, x=story.x.text)}\n{_indented(story.gates)}")
        blocks += [f"{_BRANCHES}\n{_indented(story.branches)}"] if story.branches else []
    if story.link:
        blocks.append(textwrap.fill(_ending(story), WIDTH))
    return "\n\n".join(filter(None, blocks))


def _indented(sentences: tuple[str, ...]) -> str:
    return "\n".join(textwrap.fill(s, WIDTH, initial_indent="  ", subsequent_indent="      ") for s in sentences)


def _table(story: Story) -> str:
    """Return the paths in columns or, where these would be too wide, each in lines of its own."""
    rows = [
        [f"  {line.route.text}", line.derivatives.text]
        + ["" if step is None else f"= {step.text}" for step in (line.symbols, line.numbers, line.product)]
        for line in story.lines
    ]
    sums = [f"  {what} = {amount}" for what, amount in _sums(story)]
    if not story.hidden and sums:
        rows.append(["  sum", "", "", "", f"= {number(story.shown).text}"])
    used = [i for i in range(5) if any(row[i] for row in rows)]
    if sum(2 + max(len(row[i]) for row in rows) for i in used) <= WIDTH + 2:
        return "\n".join([columns([[row[i] for i in used] for row in rows]), *(sums if story.hidden else [])])
    return "\n".join([*[_stacked(line) for line in story.lines], *sums])


def _stacked(line: Line) -> str:
    lines = [_broken(f"  {line.route.text}", " → ", "      ")]
    for i, step in enumerate(line.steps):
        lines.append(_broken(f"    {'= ' if i else '  '}{step.text}", " · ", "        "))
    return "\n".join(lines)


def _broken(text: str, joint: str, indent: str) -> str:
    """Return text in lines of 100 columns where possible, broken after a joint only."""
    lines = [""]
    for piece in re.split(f"(?<={re.escape(joint)})", text):
        if lines[-1].strip() and len(lines[-1]) + len(piece.rstrip()) > WIDTH:
            lines.append(indent)
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


# --- LaTeX and Markdown -----------------------------------------------------------------------------------------------


def as_latex(story: Story) -> str:
    """Return the explanation's formulas as display mathematics in LaTeX."""
    gradient = rf"\frac{{\partial {story.f.within(PRODUCT).latex}}}{{\partial {story.x.within(PRODUCT).latex}}}"
    if not story.link or not story.lines:
        return f"{gradient} = {number(story.gradient).latex}"
    rows = []
    for line in story.lines:
        steps = [step.latex for step in line.steps]
        if story.paths == 1:
            steps = steps if steps[0] == gradient else [gradient, *steps]
            rows += [f"{steps[0]} &= {steps[1]}", *[f"&= {step}" for step in steps[2:]]]
        else:
            if len(line.route.text) + sum(len(step.text) for step in line.steps) <= WIDTH:
                steps = [" = ".join(steps)]
            rows += [rf"{line.route.latex}: \quad & {steps[0]}", *[f"&= {step}" for step in steps[1:]]]
    if story.paths > 1:
        rows.append(f"{gradient} &= {_latex_sum(story)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _latex_sum(story: Story) -> str:
    if story.hidden:
        shown, rest = number(story.shown), number(story.remainder).within(PRODUCT)
        these = rf"\underbrace{{{shown.latex}}}_{{\text{{the {len(story.lines):,} shown}}}}"
        others = rf"\underbrace{{{rest.latex}}}_{{{whole(story.hidden).latex} \text{{ more}}}}"
        return f"{these} + {others} = {number(story.gradient).latex}"
    total = number(story.shown).latex
    if len(story.amounts) > MOST_ADDENDS:
        return total
    addends = [number(amount) if not i else number(amount).within(PRODUCT) for i, amount in enumerate(story.amounts)]
    return f"{' + '.join(addend.latex for addend in addends)} = {total}"


def as_markdown(story: Story) -> str:
    """Return the explanation for a notebook: words around the formulas."""
    result, how = _headline(story, _code)
    blocks = [f"{_code(result)}. {how}"]
    if story.link and story.lines:
        blocks.append(f"$$\n{as_latex(story)}\n$$")
        blocks += [_escaped(" ".join(story.notes))]
        values = [f"- {_code(f'{made} = {how} = {value}')}" for made, how, value in story.values]
        blocks += ["\n".join([_VALUES, "", *values])] if values else []
        heading = _GATES.format(f=_code(story.f.text), x=_code(story.x.text))
        blocks.append("\n".join([heading, "", *[f"- {_escaped(gate)}" for gate in story.gates]]))
        blocks += ["\n".join([_BRANCHES, "", *[f"- {_escaped(b)}" for b in story.branches]])] if story.branches else []
    if story.link:
        blocks.append(_ending(story, _code))
    return "\n\n".join(filter(None, blocks))


def _code(text: str) -> str:
    """Return text as a code span of Markdown, in which no character has a meaning."""
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    pad = " " if "`" in text else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _escaped(text: str) -> str:
    """Return text for Markdown, in which labels in it have no meaning either."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]$#|~])", r"\\\1", text)
