"""From a graph of scalars to a program of array calls.

    function ─ record ─> graph ─ straighten ─> tape ─ differentiate ─> tape ─ vectorise ─> layout ─ emit ─> source

Each arrow is a room of its own: record.py, straighten.py, differentiate.py, vectorise.py, emit.py. What runs is in
program.py.
"""

from autograd.program.compiler import compile, compile_graph  # noqa: A004  # what it is called everywhere
from autograd.program.program import Program

__all__ = ["Program", "compile", "compile_graph"]
