from autograd import Graph, Value, dot, parameter, trace
from autograd.table import columns, formula, names_of, number_text


def test_names_are_labels_numbers_and_v1_v2():
    graph = trace("tanh(x * 2) + v1", x=1.0, v1=3.0)
    assert list(names_of(graph).values()) == ["x", "2", "v2", "v3", "v1", "v4"]


def test_a_label_that_occurs_twice_is_numbered():
    a, b = Value(1.0, label="w"), Value(2.0, label="w")
    assert list(names_of(Graph(a * b)).values()) == ["w", "w#2", "v1"]


def test_formulas_use_operators_where_there_are_and_set_off_negative_numbers():
    x, y = Value(1.0, label="x"), Value(-2.0)
    names = {x: "x", y: "-2"}
    assert formula(x * y, names) == "x * (-2)"
    assert formula(-x, names) == "-x"
    assert formula(x**y, names) == "x ** (-2)"
    assert formula(x.tanh(), names) == "tanh(x)"
    w, b = parameter(1.0), parameter(2.0)
    assert formula(dot([w], [x], b), {w: "w", b: "b", x: "x"}) == "dot(w, b; x)"


def test_numbers_have_six_digits():
    assert [number_text(x) for x in (0.7310585786, -12.0, -0.0, 1e-9, float("inf"))] == [
        "0.731059",
        "-12",
        "0",
        "1e-09",
        "inf",
    ]


def test_columns_are_aligned_wrapped_and_know_wide_and_combining_characters():
    assert columns([("a", "bb"), ("ccc", "d")], right=(1,)) == "a    bb\nccc   d"
    assert columns([("one two", "x")], wrap=(4, None)) == "one  x\ntwo"
    assert columns([("日本", "x"), ("e\u0301", "y")]).splitlines() == ["日本  x", "e\u0301     y"]
