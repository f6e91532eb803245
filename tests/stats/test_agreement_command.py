"""`moderation agreement`: the same values as the library, and bad files named by row and field."""

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moderation.commands import main
from tests.stats.test_reference import CASES

HEADER = "item,rater,score\n"
GOOD = HEADER + "1,a,1\n1,b,2\n2,a,3\n2,b,3\n"


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    importlib.import_module("moderation.commands.agreement").add_to(parser.add_subparsers())
    args = parser.parse_args(["agreement", *map(str, arguments)])
    code: int = args.run(args)
    return code


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "ratings.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def answer(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[dict[str, Any]]:
    assert run(*arguments, "--json") == 0
    groups: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["groups"]
    return groups


def as_file(case: dict[str, Any]) -> str:
    rows = [
        f"{unit},{rater},{'' if score is None else score}"
        for rater, row in enumerate(case["ratings"])
        for unit, score in enumerate(row)
    ]
    return HEADER + "\n".join(rows) + "\n"


@pytest.mark.parametrize("case", [case for case in CASES if case["id"] != "edge_no_pairs"], ids=lambda case: case["id"])
def test_it_prints_every_value_of_the_reference(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scale = ",".join(map(str, case["categories"]))
    (group,) = answer(capsys, written(tmp_path, as_file(case)), "--level", case["level"], "--scale", scale, "--replicates", "20")
    found = {result["stat"]: result["value"] for result in group["results"]}
    for expected in case["expected"]:
        assert found[expected["stat"]] == pytest.approx(expected["value"], abs=1e-9), expected["stat"]


def test_an_undefined_statistic_is_null_with_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (group,) = answer(capsys, written(tmp_path, HEADER + "1,a,2\n2,b,3\n"), "--scale", "1,2,3")
    assert {result["value"] for result in group["results"]} == {None}
    assert all(result["undefined"] for result in group["results"])


def test_groups_are_made_by_criterion_and_round(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = answer(capsys, shared / "data" / "replicats_two_round.csv", "--by", "criterion,round", "--replicates", "0")
    found = {
        (group["criterion"], group["round"], result["stat"]): result["value"] for group in groups for result in group["results"]
    }
    assert round(found["comprehensibility", "1", "alpha_ordinal"], 4) == 0.1769
    assert round(found["comprehensibility", "2", "alpha_ordinal"], 4) == 0.1273
    assert round(found["claim_plausible", "1", "alpha_nominal"], 4) == 0.2422
    assert round(found["claim_plausible", "2", "alpha_nominal"], 4) == 0.3783


def test_published_interval_alphas_are_found(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = shared / "data" / "summeval_op.csv"
    groups = answer(capsys, path, "--level", "interval", "--by", "criterion", "--replicates", "0", "--scale", "1,2,3,4,5")
    found = [result["value"] for group in groups for result in group["results"] if result["stat"] == "alpha_interval"]
    assert [round(value, 4) for value in found] == [0.5517, 0.4334, 0.5025, 0.6323, 0.6435, 0.4118, 0.3357]


def test_the_table_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(written(tmp_path, GOOD), "--replicates", "50") == 0
    printed = capsys.readouterr()
    assert "2 items, 2 rated by two or more, 2 raters, 4 ratings" in printed.out
    assert "Krippendorff's alpha (ordinal)" in printed.out
    assert "no --scale given" in printed.err


def test_several_criteria_in_one_group_are_resampled_by_item(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{item},{rater},k{k},{(item + k * rater) % 3}" for item in range(20) for rater in range(2) for k in range(5)]
    (group,) = answer(capsys, written(tmp_path, "item,rater,criterion,score\n" + "\n".join(rows)), "--replicates", "50")
    assert (group["items"], group["ratings"]) == (100, 200)


@pytest.mark.parametrize("spelling", ["plain", "quoted", "blanks", "windows", "bom", "no last newline"])
def test_one_table_in_many_spellings_gives_one_answer(spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spelled = {
        "plain": GOOD,
        "quoted": GOOD.replace("1,a", '1,"a"'),
        "blanks": GOOD.replace(",", " , ") + "\n\n",
        "windows": GOOD.replace("\n", "\r\n"),
        "bom": "\ufeff" + GOOD,
        "no last newline": GOOD.rstrip("\n"),
    }
    plain = answer(capsys, written(tmp_path, GOOD), "--replicates", "30")
    assert answer(capsys, written(tmp_path, spelled[spelling]), "--replicates", "30") == plain


BAD: list[tuple[str | bytes, tuple[str, ...], list[str]]] = [
    ("", (), ["ratings.csv", "empty"]),
    (HEADER, (), ["ratings.csv", "no ratings"]),
    ("item,score\n1,2\n", (), ["row 1", "rater", "column is missing"]),
    ("item;rater;score\n1;a;2\n", (), ["row 1", "semicolons"]),
    (GOOD.encode("utf-16"), (), ["UTF-16"]),
    (GOOD.encode("utf-16-le"), (), ["UTF-16"]),
    ("item,rater,score\n1,\xe9,2\n".encode("latin-1"), (), ["row 2", "UTF-8"]),
    (HEADER + "1,a,1\n1,b,two\n", (), ["row 3", "score", "'two'", "number"]),
    (HEADER + "1,a,1\n1,b,two\n", ("--level", "interval"), ["row 3", "score", "'two'"]),
    (HEADER + "1,a,1\n1,b,nan\n", (), ["row 3", "'nan'"]),
    (HEADER + "1,a,1\n1,b,5\n", ("--scale", "1,2,3,4"), ["row 3", "score", "'5'", "Allowed: 1, 2, 3, 4"]),
    (HEADER + "1,a,yes\n1,b,maybe\n", ("--level", "nominal", "--scale", "yes,no"), ["row 3", "'maybe'", "yes, no"]),
    (HEADER + "1,a,1\n1,b,2\n1,a,2\n", (), ["row 4", "rater", "'a'", "first in row 2"]),
    (HEADER + "1,a,1\n2,a,2\n", (), ["row 2", "only one rater"]),
    (HEADER + "1,b,\n1,a,1\n2,a,2\n2,b,\n", (), ["row 3", "only one rater with a score", "'a'"]),
    (HEADER + "1,a,1\n1,b,two\n", (), ["(was 'two'). Allowed: numbers; nothing where", "--level nominal for words."]),
    (HEADER + "1,a,1\n,b,2\n", (), ["row 3", "item is empty"]),
    (HEADER + "1,a,1\n1,,2\n", (), ["row 3", "rater is empty"]),
    (HEADER + "1,a,1\n1,b\n", (), ["row 3", "2 fields"]),
    (HEADER + '1,a,1\n1,"b,2\n', (), ["row 3", "CSV"]),
    (HEADER + "1,a,\n1,b,\n", (), ["every score is empty"]),
    (GOOD, ("--by", "criterion"), ["criterion", "missing"]),
    (GOOD, ("--by", "colour"), ["--by", "'colour'"]),
    (GOOD, ("--scale", "1,,2"), ["--scale"]),
    (GOOD, ("--scale", "low,high", "--level", "ordinal"), ["--scale", "numbers"]),
    (GOOD, ("--scale", "1;2;3"), ["--scale", "commas", "'1;2;3'"]),
    (GOOD, ("--replicates", "-1"), ["--replicates"]),
    (GOOD, ("--seed", "-1"), ["--seed", "'-1'"]),
    (HEADER + "1,a,1\n1,b,\0" + "2\n", (), ["row 3", "zero byte"]),
    (HEADER + "1,a,1\n1,b,1e300\n", (), ["row 3", "score", "1e300"]),
    (HEADER + "1,a,1\n1,b," + "9" * 20_000 + "\n", (), ["row 3", "score", "10,000"]),
    (HEADER + '1,a,1\n1,b,"' + "9" * 9_000 + 'x"\n', (), ["row 3", "score", "999...", "number"]),
    (b"PK\x03\x04" + bytes(300), (), ["row 1", "workbook"]),
    ("item,rater,score,score\n1,a,1,2\n", (), ["row 1", "score", "twice"]),
    ("item,rater,score\n1,a\n", (), ["row 2", "2 fields"]),
    (HEADER + '"1\nx",a,1\n"1\nx",b,2\n"1\nx",a,2\n', (), ["row 7", "second time"]),
    (HEADER.replace("item", '"item"x') + '1,"a",1\n', (), ["row 1", "column is missing"]),
    (HEADER.rstrip() + ',"note"x\n1,"a",1,\n', (), ["row 1", "CSV"]),
    (HEADER.rstrip() + ',"note\n1,"a",1,\n', (), ["row 2", "CSV"]),
    (HEADER.rstrip() + ',"\n1,a",1\n', (), ["row 1", "header", "not closed"]),
]


@pytest.mark.parametrize(("content", "options", "words"), BAD)
def test_an_unusable_file_is_refused_in_one_line(
    content: str | bytes, options: tuple[str, ...], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(written(tmp_path, content), *options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    [line] = printed.err.strip().splitlines()
    for word in words:
        assert word in line, line


@given(st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_the_file_there_is_an_answer_or_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: st.DataObject
) -> None:
    content = bytearray((GOOD + "3,c,\n3,a,4\n4,b,2.5\n").encode())
    pieces = st.sampled_from(
        [b",", b"\n", b'"', b"\0", b";", b" ", b"1", b"-", b"e9", b"\xff", b"\r", b"nan", b"a", b"\n\n", "\ufeff".encode()]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        place, length = data.draw(st.integers(0, len(content))), data.draw(st.integers(0, 3))
        content[place : place + length] = data.draw(pieces)
    level = data.draw(st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
    code = run(written(tmp_path, bytes(content)), "--level", level, "--replicates", "5", "--json")
    printed = capsys.readouterr()
    assert len(printed.err.strip().splitlines()) <= 1
    assert code == 0 and json.loads(printed.out, parse_constant=pytest.fail)["groups"] if code != 2 else not printed.out


@pytest.mark.parametrize("options", [("--replicates", "many"), ("--seed", "x"), ("--level", "odd"), ("--colour",)])
def test_an_option_that_cannot_be_read_is_refused_in_one_line(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["agreement", str(written(tmp_path, GOOD)), *options])
    assert stopped.value.code == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert options[0] in line


def test_a_scale_of_words_makes_the_level_nominal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (group,) = answer(capsys, written(tmp_path, HEADER + "1,a,1\n1,b,x\n2,a,x\n2,b,x\n"), "--scale", "1,2,x", "--replicates", "0")
    assert {result["stat"]: result["value"] for result in group["results"]}["brennan_prediger"] == pytest.approx(0.25)


def test_scores_that_are_no_numbers_are_said_to_have_no_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = '1,a,"1,5"\n1,b,"2,5"\n2,a,"2,5"\n2,b,"2,5"\n'
    assert run(written(tmp_path, HEADER + rows), "--replicates", "0") == 0
    assert "(1,5, 2,5); they are not numbers, so their order is left out (nominal)" in capsys.readouterr().err
    assert run(written(tmp_path, GOOD), "--replicates", "0") == 0
    assert "order" not in capsys.readouterr().err


def test_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "nowhere.csv") == 2
    assert "nowhere.csv" in capsys.readouterr().err


def test_the_sentence_counts_items_and_not_their_criteria(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"p1,{rater},k{k},{1 + (k + (k % 4 == 0) * rater) % 3}" for rater in range(2) for k in range(12)]
    path = written(tmp_path, "item,rater,criterion,score\n" + "\n".join(rows))
    assert main(["agreement", str(path), "--scale", "1,2,3", "--replicates", "50"]) == 0
    printed = capsys.readouterr().out
    assert "1 item, 1 rated by two or more, 2 raters, 24 ratings; 12 rows" in printed
    assert "Only 1 plan was rated by two or more auditors; 10 are needed." in printed
    assert "An interval needs at least two plans." in printed


def test_it_says_which_levels_raters_confuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [(1, 1), (2, 2), (2, 3), (3, 2), (3, 4), (4, 4), (4, 4), (1, 1)]
    path = written(tmp_path, HEADER + "".join(f"{item},a,{one}\n{item},b,{other}\n" for item, (one, other) in enumerate(pairs)))
    (group,) = answer(capsys, path, "--scale", "1,2,3,4", "--replicates", "0")
    assert group["differences"] == [{"levels": [2, 3], "share": 0.25}, {"levels": [3, 4], "share": 0.125}]
    assert run(path, "--scale", "1,2,3,4", "--replicates", "0") == 0
    assert "Where two raters differ, most often: 2 and 3 (25%), 3 and 4 (12%) of all pairs of ratings." in capsys.readouterr().out


def test_raters_who_never_differ_confuse_no_levels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, HEADER + "1,a,1\n1,b,1\n2,a,2\n2,b,2\n")
    (group,) = answer(capsys, path, "--replicates", "0")
    assert group["differences"] == []
    assert run(path, "--replicates", "0") == 0
    assert "Where two raters differ" not in capsys.readouterr().out
