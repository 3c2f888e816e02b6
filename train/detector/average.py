"""Averages the weights of face detectors that were trained one from the other.

The mean of a network's weights and of those that it was trained on from is often better than both.
See Wortsman et al., "Robust fine-tuning of zero-shot models", 2022 (arXiv:2109.01903).
"""

from __future__ import annotations

from collections.abc import Sequence

from train.detector.data.training_set import Sources, gather
from train.detector.finish import checked_facts, finish
from train.detector.run import DetectorRun
from train.errors import RunError
from train.run.averaged import check_free, check_several, said_of
from train.run.begin import held
from train.run.command import command
from train.run.files import write_json
from train.run.network_file import load_network, save_network
from train.weights.mean import mean_network


def average_detectors(
    runs: Sequence[DetectorRun], out: DetectorRun, *, replace: bool = False
) -> None:
    """Leave a run whose network has the mean of the weights, as `fit_detector` would leave it.

    The score threshold is chosen anew, and the scenes for conversion are written.

    Args:
        runs: two or more finished ones of the same network that learned from the same files; one
            that stands twice counts twice. One at least was trained: it says where the files lie.
        out: a folder that holds no run yet.
        replace: whether `out` may hold an earlier mean, which is then replaced.

    Raises:
        RunError: fewer than two runs, one is not finished, they are not alike, or all are means.
            A file is not the one that they learned from. `out` holds a run, or another process
            writes to it.
        DatasetError: the files cannot be read.
        ModelError: the teacher is no YuNet.
    """
    check_several(runs)
    first = runs[0]
    _check_alike(runs)
    settings, facts, sources = first.read_settings(), first.read_facts(), _sources(runs)
    networks = [load_network(run.model_file, run.made_by) for run in runs]
    network = mean_network(networks, [run.folder for run in runs])
    with held(out):
        check_free(out, replace, runs)
        # Before an earlier mean goes: the files may not be readable any more.
        data = gather(sources, out.folder)
        for file in (
            out.model_file,
            out.card_file,
            out.scenes_file,
            out.int8_file,
            out.before_refit_file,
        ):
            file.unlink(missing_ok=True)
        # Without the files' paths, so that nobody resumes the run: that would overwrite the mean.
        made = {**facts, "files": {}, "command": command()}
        made.pop("landmarks_refitted", None)
        made["averaged"] = [said_of(run, "sources") for run in runs]
        write_json(out.history_file, first.read_history())
        write_json(out.run_file, made)
        finish(out, network, settings, sources, data)
        # Written last: it shows the next call that this one was complete.
        save_network(network, out.model_file)


def _sources(runs: Sequence[DetectorRun]) -> Sources:
    """The files that all learned from. Without faces to paste: only training needs them."""
    trained = [run for run in runs if "averaged" not in run.read_facts()]
    if not trained:
        raise RunError(
            f"{runs[0].folder} and the others are means, which do not say where their data are: "
            "name one run that was trained"
        )
    files = trained[0].read_files()
    sources = Sources(files["data"], files.get("teacher"))
    sources.check_same(checked_facts(trained[0])["sources"], trained[0].folder)
    return sources


def _check_alike(runs: Sequence[DetectorRun]) -> None:
    """Whether all are finished networks of one kind that learned from the same files."""
    first, wanted = runs[0], runs[0].read_settings()
    for run in runs:
        # First: a run of another task is none of a detector that is not finished.
        settings = run.read_settings()
        if not run.is_finished:
            raise RunError(
                f"{run.folder} is not finished; {run.made_by} --resume {run.folder} goes on with it"
            )
        if settings.network.name != wanted.network.name:
            raise RunError(f"{run.folder} has another network than {first.folder}")
        if settings.training.side != wanted.training.side:
            raise RunError(
                f"{run.folder} has learned from scenes of another side than {first.folder}"
            )
        if run.read_facts().get("sources") != first.read_facts().get("sources"):
            raise RunError(f"{run.folder} has learned from other files than {first.folder}")
