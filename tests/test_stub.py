from autograd.stub import PATH, main, stub


def test_the_stub_is_up_to_date():
    assert PATH.read_text(encoding="utf-8") == stub(), "run python -m autograd.stub"


def test_check_finds_a_stub_out_of_date(tmp_path, monkeypatch, capsys):
    path = tmp_path / "operations.pyi"
    path.write_text("old")
    monkeypatch.setattr("autograd.stub.PATH", path)
    assert main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0
