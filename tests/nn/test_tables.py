import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.errors import DataError, SettingError
from nn.tables import read_csv

IRIS = """sepal length,sepal width,species
5.1,3.5,setosa
7.0,3.2,versicolor
6.3,3.3,virginica
4.9,3.0,setosa
"""


def read(text, *args, **options):
    return read_csv(io.StringIO(text, newline=""), *args, **options)


# --- what is read ---


def test_numbers_become_features_and_text_labels_become_class_numbers_with_their_names():
    table = read(IRIS, target="species")
    assert table.X.tolist() == [[5.1, 3.5], [7.0, 3.2], [6.3, 3.3], [4.9, 3.0]]
    assert table.X.dtype == np.float64
    assert table.y.tolist() == [0, 1, 2, 0]
    assert table.y.dtype == np.int64
    assert table.features == ("sepal length", "sepal width")
    assert table.target == "species"
    assert table.classes == ("setosa", "versicolor", "virginica")
    assert repr(table) == (
        "Table(4 rows, 2 features: sepal length, sepal width; target species with 3 classes: setosa, versicolor, "
        "virginica)"
    )


def test_a_numeric_target_stays_numbers_whole_ones_as_integers():
    table = read("x,y\n1,3\n2,-4\n", target="y")
    assert table.y.tolist() == [3, -4]
    assert table.y.dtype == np.int64
    assert table.classes is None
    assert read("x,y\n1,3\n2,4.5\n", target="y").y.dtype == np.float64
    assert read("x,y\n1,3.0\n2,4.0\n", target="y").y.dtype == np.float64
    assert read("x,y\n1,3\n2,1e300\n", target="y").y.tolist() == [3.0, 1e300]
    assert read(f"x,y\n1,{10**30}\n", target="y").y.tolist() == [1e30]


def test_without_a_target_all_columns_are_features():
    table = read("a,b\n1,2\n")
    assert (table.X.tolist(), table.y, table.target, table.classes) == ([[1.0, 2.0]], None, None, None)


@pytest.mark.parametrize("target", ["b", 1, -2, np.int64(1)])
def test_the_target_is_a_name_or_a_number_also_from_the_end(target):
    table = read("a,b,c\n1,2,3\n", target=target)
    assert table.target == "b"
    assert table.features == ("a", "c")


def test_a_first_row_with_a_number_is_data_and_columns_are_called_by_number():
    table = read("5.1,3.5,setosa\n7.0,3.2,virginica\n", target=-1)
    assert table.features == ("0", "1")
    assert table.target == "2"
    assert table.X.shape == (2, 2)
    assert read("5,1\n7,0\n", target="1").y.tolist() == [1, 0]


def test_header_can_be_said():
    assert read("2019,2020\n1,2\n", header=True).features == ("2019", "2020")
    assert read("red,yes\nblue,no\n", target=1, one_hot=[0], header=False).y.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "decimal"),
    [
        ("a;b\n1.5;2\n3;4\n", "."),
        ("a\tb\n1.5\t2\n3\t4\n", "."),
        ("a, b\n 1.5 , 2\n3,4\n", "."),
        ("a,b\r\n1.5,2\r\n\r\n3,4\r\n", "."),
        ("a,b\r1.5,2\r3,4", "."),
        ("\ufeffa,b\n1.5,2\n3,4\n\n\n", "."),
        ('"a","b"\n"1.5","2"\n"3","4"\n', "."),
        ("a;b\n1,5;2\n3,0;4,0\n", ","),
        ("a;b\n1,5;2,0\n3,0;4,0\n", ","),
        ('a,b\n"1,5",2\n3,4\n', ","),
    ],
)
def test_delimiters_line_ends_blanks_and_quotes(text, decimal):
    table = read(text, decimal=decimal)
    assert table.features == ("a", "b")
    assert table.X.tolist() == [[1.5, 2.0], [3.0, 4.0]]


def test_semicolons_win_over_decimal_commas_also_without_a_header():
    assert read("1,5;2,5\n3,5;4,5\n", decimal=",").X.tolist() == [[1.5, 2.5], [3.5, 4.5]]


def test_a_delimiter_can_be_said():
    assert read("a|b\n1|2\n", delimiter="|").X.tolist() == [[1.0, 2.0]]
    assert read("1.5  2\n3   4\n", delimiter=" ").X.tolist() == [[1.5, 2.0], [3.0, 4.0]]


def test_one_hot_columns_stand_in_the_place_of_the_text():
    table = read("size,colour,price\n1,red,5\n2,blue,6\n3,red,7\n", "price", one_hot=["colour"])
    assert table.features == ("size", "colour=blue", "colour=red")
    assert table.X.tolist() == [[1, 0, 1], [2, 1, 0], [3, 0, 1]]


def test_one_hot_values_that_are_numbers_are_ordered_as_numbers():
    assert read("k,x\n10,1\n9,2\n10,3\n", one_hot=["k"]).features == ("k=9", "k=10", "x")


def test_columns_are_left_out_and_chosen():
    text = "id,name,a,b,y\n1,Ada,2,3,0\n2,Bob,4,5,1\n"
    assert read(text, "y", leave_out=["name", 0]).features == ("a", "b")
    table = read(text, "y", features=["b", "a"])
    assert table.features == ("b", "a")
    assert table.X.tolist() == [[3.0, 2.0], [5.0, 4.0]]


def test_a_second_file_is_read_as_the_first_was():
    train = read("colour,size,kind\nred,1,oak\nblue,2,elm\n", "kind", one_hot=["colour"])
    # Other order of columns, fewer values and classes, and a column that was not there.
    test = read("kind,note,size,colour\noak,new,3,red\n", "kind", features=train.features, classes=train.classes)
    assert test.features == train.features
    assert test.X.tolist() == [[0.0, 1.0, 3.0]]
    assert test.y.tolist() == [1]
    with pytest.raises(DataError, match="line 2, column 'colour': 'green' is none of the known values, 'blue', 'red'"):
        read("size,colour\n3,green\n", features=train.features)
    with pytest.raises(DataError, match="line 3, column 'kind': 'ash' is none of the known classes, 'elm', 'oak'"):
        read("kind,size,colour\noak,3,red\nash,3,red\n", "kind", features=train.features, classes=train.classes)


def test_a_single_value_is_a_question_with_yes_or_no_for_an_answer():
    assert read("sex\nmale\nfemale\nother\n", features=["sex=male"]).X.tolist() == [[1.0], [0.0], [0.0]]


def test_an_equals_sign_may_stand_in_names_and_values():
    assert read("a=b,c\n1,2\n", features=["a=b"]).X.tolist() == [[1.0]]
    assert read("a=b,c\nx=y,2\n", features=["a=b=x=y"]).X.tolist() == [[1.0]]


def test_numbers_can_be_read_as_classes_and_classes_in_a_given_order():
    wine = "alcohol,cultivar\n14.2,3\n13.1,1\n12.0,10\n"
    table = read(wine, "cultivar", classes=True)
    assert table.classes == ("1", "3", "10")
    assert table.y.tolist() == [1, 0, 2]
    answers = read("x,answer\n1,no\n2,yes\n", "answer", classes=("yes", "no"))
    assert answers.y.tolist() == [1, 0]
    assert answers.classes == ("yes", "no")


def test_a_file_is_read_from_its_path(tmp_path):
    path = tmp_path / "größe.csv"
    path.write_bytes("Größe;Art\r\n1;Ähre\r\n".encode("utf-8-sig"))
    for given_path in (path, str(path)):
        table = read_csv(given_path, "Art")
        assert table.features == ("Größe",)
        assert table.classes == ("Ähre",)
    path.write_bytes("Größe;Art\r\n1;Ähre\r\n".encode("cp1252"))
    assert read_csv(path, "Art", encoding="cp1252").classes == ("Ähre",)


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(finite, min_size=width, max_size=width), min_size=1, max_size=6)
    ),
    st.sampled_from(",;\t"),
    st.booleans(),
)
def test_what_python_writes_comes_back_to_the_last_bit(rows, delimiter, header):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    if header:
        writer.writerow([f"x{i}" for i in range(len(rows[0]))])
    writer.writerows(rows)
    table = read(file.getvalue())
    assert table.X.tolist() == rows
    assert table.features == tuple(f"x{i}" if header else str(i) for i in range(len(rows[0])))


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,b\n1,2\n3\n4,5\n", {}, "line 3: 1 field, but 2 in the header (line 1), separated by ','"),
        ("1,2\n3,4\n\n5,6,7\n", {}, "line 4: 3 fields, but 2 in the first row (line 1)"),
        ('a,b\n"1\n",2\n3\n', {}, "line 4: 1 field, but 2"),  # a cell of two lines
        ("a,b\n1,\n", {}, "line 2, column 'b': the cell is empty"),
        ("a,b\n1,2\n3,\n", {}, "line 3, column 'b': the cell is empty. Fill it in, delete the line, or leave the"),
        ("a,b\n1,2\n,\n", {}, "line 3, column 'a': the cell is empty"),
        ("a,b\n1,2\nnan,3\n", {}, "line 3, column 'a': 'nan' is not a finite number"),
        ("a,b\n1,2\n1,-inf\n", {}, "line 3, column 'b': '-inf' is not a finite number"),
        ("a,b\n1,2\n1,1e999\n", {}, "line 3, column 'b': '1e999' is not a finite number"),
        ("a,b\n1,2\n1,NA\n", {}, "line 3, column 'b': 'NA' is not a number. Fill it in, delete the line, or leave"),
        ("a,b\n1,2\n1,12_345\n", {}, "'12_345' is not a number"),
        ("a;b\n1;2\n1;1,5\n", {}, "'1,5' is not a number with decimal='.'"),
        ("a;b\n1;2\n1;1.5\n", {"decimal": ","}, "'1.5' is not a number with decimal=','"),
        (
            "a,b\n1,2\n1,1_0\n",
            {"target": "b"},
            "'1_0' is not a number. Mend or delete the line; or, if these are names",
        ),
        ("a,b\n1,2\n1,\n", {"target": "b"}, "line 3, column 'b': the cell is empty. Mend or delete the line"),
        ("a,b\n1,x\n1,\n", {"target": "b"}, "line 3, column 'b': the cell is empty. Fill it in, or delete the line"),
        ("a,b\n1,x\n1,\n", {"one_hot": ["b"]}, "line 3, column 'b': the cell is empty"),
        ("a,b\n1,x\n", {"target": "b", "classes": False}, "line 2, column 'b': 'x' is not a number"),
        ("", {}, "the text holds no rows"),
        ("\n  \n", {}, "the text holds no rows"),
        ("a,b\n", {}, "the text holds the names of columns, but no rows"),
        ("a,b,a\n1,2,3\n", {}, "two columns bear the name 'a'"),
        (",a\n0,1\n1,2\n", {}, "column 0 has no name. If it is of no use, leave it out: leave_out=[0]"),
        ('a,b\n1,"2\n', {}, "line 2: unexpected end of data"),
        ("a,b\n1,x2019\n", {"header": False, "target": 0}, "line 1, column '1'"),
        ("a,2019\n1,2\n", {}, "line 1, column '0': 'a' is not a number. If this line holds the names of the columns"),
    ],
)
def test_data_that_cannot_be_learned_from_is_refused_with_its_place(text, options, message):
    with pytest.raises(DataError) as refusal:
        read(text, **options)
    assert message in str(refusal.value)


def test_all_columns_of_text_are_named_at_once_with_the_remedies_to_paste():
    text = "name,age,ticket\nAda,36,A/5\nBob,29,PC\n"
    with pytest.raises(DataError) as refusal:
        read(text, "age")
    message = str(refusal.value)
    assert message.startswith("the text, line 2, column 'name': 'Ada' is not a number. The columns 'name', 'ticket'")
    assert read(text, "age", one_hot=["name", "ticket"]).X.shape == (2, 4)
    assert "one_hot=['name', 'ticket']" in message
    assert "leave_out=['name', 'ticket']" in message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "specie"}, "no column 'specie'; its columns are 'sepal length', 'sepal width', 'species'"),
        ({"target": 3}, "no column 3"),
        ({"target": -4}, "no column -4"),
        ({"target": True}, "no column True"),
        ({"leave_out": ["id"]}, "no column 'id'"),
        ({"features": ["petal=wide"]}, "no column 'petal=wide'"),
        ({"leave_out": "species"}, "leave_out is a list"),
        ({"one_hot": "species"}, "one_hot is a list"),
        ({"features": 1}, "features is a list"),
        ({"target": "species", "classes": "setosa"}, "classes is a list"),
        ({"target": "species", "features": ["species"]}, "'species' is the target, and no feature"),
        ({"target": "species", "one_hot": ["species"]}, "'species' is the target, and no feature"),
        ({"leave_out": ["species"], "one_hot": ["species"]}, "'species' is left out, and no feature"),
        ({"features": ["sepal width", 1]}, "stands twice"),
        ({"features": []}, "no column is left to learn from"),
        ({"target": "species", "leave_out": [0, 1]}, "no column is left to learn from"),
        ({"target": "species", "classes": ["a", "a"]}, "a class stands twice"),
        ({"delimiter": "||"}, "the delimiter is one character"),
        ({"decimal": ";"}, "decimal is '.' or ','"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(SettingError) as refusal:
        read(IRIS, **options)
    assert message in str(refusal.value)


def test_cells_between_blanks_are_recognised():
    with pytest.raises(DataError, match=r"line 2, column 'a b': '1 2' is not a number\. If .* blanks: delimiter=' '"):
        read("a b\n1 2\n")


def test_a_header_that_was_taken_for_data_is_recognised_when_a_column_is_asked_for_by_name():
    with pytest.raises(SettingError, match=r"no column 'y'; its columns are '0', '1'. If line 1 holds .* header=True"):
        read("2019,y\n1,2\n", target="y")


def test_files_that_are_not_there_or_not_text(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.csv"):
        read_csv(tmp_path / "missing.csv")
    path = tmp_path / "table.xlsx"
    path.write_bytes(b"PK\x03\x04\x14\x00\x06\x00")
    with pytest.raises(DataError, match=r"table\.xlsx is a binary file, not text: a zero byte stands in line 1"):
        read_csv(path)
    path.write_bytes(b"a,b\n1,\xff\n")
    with pytest.raises(DataError, match=r"table\.xlsx is not text in utf-8: .*0xff in position 6.* saved as CSV"):
        read_csv(path)
    with pytest.raises(SettingError, match="no encoding 'latin-99'"):
        read_csv(path, encoding="latin-99")
    with pytest.raises(SettingError, match="not in binary mode"):
        read_csv(io.BytesIO(b"a,b\n1,2\n"))
    for nothing in (None, 3, [[1.0, 2.0]]):
        with pytest.raises(SettingError, match="given by its path"):
            read_csv(nothing)


def test_numbers_are_pythons_own():
    numbers = ["0.1", "1e-320", "-0.0", "+7", ".5", "1E5", "123456789012345678901234567890"]
    table = read("x\n" + "\n".join(numbers) + "\n")
    assert table.X[:, 0].tolist() == [float(number) for number in numbers]
    assert math.copysign(1.0, table.X[2, 0]) == -1.0
