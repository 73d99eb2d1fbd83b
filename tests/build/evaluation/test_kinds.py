"""The test sets of kinds of language, and their scores."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from build.errors import DataError, RowError
from build.evaluation.kinds import cases
from build.evaluation.kinds.__main__ import main
from build.evaluation.kinds.cases import FeelingCase, RunOnCase, SentenceCase
from build.evaluation.kinds.scoring import EntryReading, score_cuts, score_feelings, score_splits
from functions.shared.text.sentences import split


@pytest.mark.parametrize("name", cases.FEELING_SETS)
def test_each_set_of_feelings_has_at_least_60_cases(name: str) -> None:
    assert len(cases.load(name, FeelingCase)) >= 60


def test_the_sets_for_splitting_have_at_least_60_cases_each() -> None:
    assert len(cases.load("runons", RunOnCase)) >= 60
    assert len(cases.load("sentences", SentenceCase)) >= 60


def feeling(target: int, valence: int) -> FeelingCase:
    return FeelingCase(
        id="a",
        text="One. Two.",
        sentences=("One.", "Two."),
        target=target,
        emotions=frozenset({"relief"}),
        wrong=frozenset({"anger"}),
        valence=valence,
    )


def test_only_the_target_and_the_mood_of_the_entry_count() -> None:
    def read(sentences: Sequence[str]) -> EntryReading:
        assert sentences == ("One.", "Two.")
        return EntryReading(["relief", "anger"], [frozenset({"relief"}), frozenset({"joy", "anger"})], 0.3)

    score = score_feelings([feeling(0, 2), feeling(1, -1), feeling(1, 0)], read)
    assert score.accepted == pytest.approx(1 / 3)
    assert score.literal == pytest.approx(2 / 3)
    assert score.sign == pytest.approx(1 / 2)


def test_a_case_whose_sentences_are_not_in_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not parts of the text"):
        SentenceCase(id="a", text="One. Two.", sentences=("Two.", "One."))


def run_on(text: str, *cuts: tuple[int, str], turn: int) -> RunOnCase:
    labels = frozenset({"joy"}), frozenset({"sadness"})
    return RunOnCase(
        id="a", text=text, cuts=cuts, turns=(turn,), first=labels[0], second=labels[1], valence=-1
    )


def test_cuts_and_feelings_on_both_sides_of_a_turn_are_scored() -> None:
    assert split("Yes. No. Yes.") == ["Yes.", "No.", "Yes."]
    case = run_on("Yes. No. Yes.", (5, "No"), turn=5)

    def read(sentences: Sequence[str]) -> EntryReading:
        return EntryReading(["joy"] * len(sentences), [frozenset({"joy"})] * len(sentences), 0.0)

    score = score_cuts([case], read)
    assert (score.precision, score.recall, score.turns) == (0.5, 1.0, 1.0)
    assert (score.first, score.second) == (1.0, 0.0)
    assert score_cuts([case]).first is None


def test_a_cut_that_is_not_at_its_word_is_refused() -> None:
    with pytest.raises(ValueError, match="not at its word"):
        run_on("yes no", (3, "no"), turn=3)


def test_a_text_counts_as_split_if_every_sentence_is_right() -> None:
    right = SentenceCase(id="a", text="Yes. No.", sentences=("Yes.", "No."))
    wrong = SentenceCase(id="b", text="Yes. No.", sentences=("Yes. No.",))
    score = score_splits([right, wrong])
    assert (score.exact, score.precision, score.recall) == (0.5, 0.5, 2 / 3)


def test_malformed_sets_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "sentences.jsonl"
    path.write_text('{"id": "a", "text": "Yes.", "sentences": ["No."]}\n')
    with pytest.raises(RowError):
        cases.load("sentences", SentenceCase, tmp_path)
    path.write_text('{"id": "a", "text": "Yes.", "sentences": ["Yes."]}\n' * 2)
    with pytest.raises(DataError, match="twice"):
        cases.load("sentences", SentenceCase, tmp_path)


def test_the_command_scores_the_splitter(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--splitter-only", "--json", str(tmp_path / "scores.json")]) == 0
    assert "sentence splitter" in capsys.readouterr().out
    assert (tmp_path / "scores.json").is_file()


def test_the_command_reports_missing_models(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
    assert "error" in capsys.readouterr().err
