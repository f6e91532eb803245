"""Real ratings, played through the service's own actions, give the published figures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from moderation.commands.ratings_file import read_ratings
from moderation.commands.replay import replay
from moderation.settings import Settings
from moderation.words import InvalidInput
from tests.conftest import make_settings

SUMMEVAL = ("fluency", "coherence", "relevance", "faithfulness", "aspect_coverage", "sentiment_consistency", "specificity")


def play(file: Path, folder: Path, *declared: str) -> dict[str, Any]:
    return replay(read_ratings(file, declared), temporary(folder), lambda text: None)


def temporary(folder: Path) -> Settings:
    return make_settings(folder, f"sqlite:///{folder}/replay.sqlite")


def values(told: dict[str, Any], place: int, stat: str) -> dict[str, float]:
    return {
        one["criterion"]: round(result["value"], 4)
        for one in told["rounds"][place]["criteria"]
        for result in one["results"]
        if result["stat"] == stat and result["value"] is not None
    }


def test_two_rounds_of_real_ratings_before_and_after_discussion(shared: Path, tmp_path: Path) -> None:
    told = play(shared / "data/replicats_two_round.csv", tmp_path, "replicability_best=bands:0,20,40,60,80,100")
    before, after = values(told, 0, "alpha_ordinal"), values(told, 1, "alpha_ordinal")
    assert (before["comprehensibility"], after["comprehensibility"]) == (0.1769, 0.1273)
    assert (before["replicability_best"], after["replicability_best"]) == (0.3394, 0.4825)
    nominal = [values(told, place, "alpha_nominal")["claim_plausible"] for place in (0, 1)]
    assert nominal == [0.2422, 0.3783]
    change = {row["criterion"]: row for row in told["change"]}
    fallen = change["comprehensibility"]
    assert fallen["stat"] == "alpha_ordinal"
    assert round(fallen["difference"], 3) == -0.050
    assert fallen["low"] < fallen["difference"] < fallen["high"] < 0


def test_three_raters_of_416_items_and_their_1030_disagreements(shared: Path, tmp_path: Path) -> None:
    told = play(shared / "data/summeval_op.csv", tmp_path, *(f"{key}=interval" for key in SUMMEVAL))
    found = values(told, 0, "alpha_interval")
    assert [found[key] for key in SUMMEVAL] == [0.5517, 0.4334, 0.5025, 0.6323, 0.6435, 0.4118, 0.3357]
    wide = [row for row in told["disagreements"] if row["trigger"] == "spread2"]
    assert (sum(row["found"] for row in wide), sum(row["of"] for row in wide)) == (1030, 2912)
    assert told["change"] == []


SMALL = """round,item,rater,rater_group,criterion,score
1,a,x,north,k1,1
1,a,y,south,k1,2
1,b,x,north,k1,3
1,b,y,south,k1,3
1,c,x,north,k1,
1,c,y,south,k1,4
"""


def test_the_command_prints_only_json_on_stdout(tmp_path: Path) -> None:
    file = tmp_path / "small.csv"
    file.write_text(SMALL)
    command = [sys.executable, "-m", "moderation.commands", "replay", str(file), "--json", "--replicates", "50"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    told = json.loads(done.stdout)
    (criterion,) = told["rounds"][0]["criteria"]
    assert (criterion["criterion"], criterion["level"], criterion["items"]) == ("k1", "ordinal", 3)
    assert {"criterion": "k1", "trigger": "spread2", "found": 0, "of": 2} in told["disagreements"]


@pytest.mark.parametrize(
    ("text", "declared", "words"),
    [
        ("item,rater,score\na,x,1\n", (), "criterion"),
        (SMALL.replace("1,a,y,south,k1,2", "1,a,x,north,k1,2"), (), "twice"),
        (SMALL.replace("k1,4", "k1,many"), (), "not a number"),
        (SMALL, ("k1=ordinal:1,2,3",), "scale"),
        (SMALL, ("k2=ordinal",), "k2=ordinal"),
        (SMALL, ("k1=bands:0,two",), "numbers"),
        (SMALL + "2,a,x,north,k1,1\n3,a,x,north,k1,1\n", (), "one round, or two"),
    ],
)
def test_an_unusable_file_is_refused_with_its_place(tmp_path: Path, text: str, declared: tuple[str, ...], words: str) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(text)
    with pytest.raises(InvalidInput, match=words):
        read_ratings(file, declared)
