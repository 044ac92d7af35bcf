"""`python -m evals.run`: plays a split against a model, and prints and saves the table.

Finished cases are kept under evals/results/records/, keyed by model, split and everything that decides
an answer (agent, engine, shops, cases, judge): a run that was stopped goes on where it was. Of the test
split only marks and sums are printed and kept, unless --show is given.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import cast

from pydantic import ValidationError

from balas.agent import prompt
from balas.errors import ModelFailed
from balas.llm import ModelSettings
from evals import bars, case, judge, play, report
from evals.case import Case, Split
from evals.judge import Record
from evals.report import About, Prices

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "evals" / "results"
OFFLINE = "balas-offline"
MAX_PARALLEL = 8
FAILURES_IN_A_ROW = 10  # by then the endpoint is down, and the rest would be noise


class Stopped(Exception):
    """The run cannot go on; the message says what to do."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    split: Split
    model: str
    base_url: str
    repeats: int
    parallel: int
    prices: Prices | None
    only: str
    shows: bool
    keeps_bars: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the run ended; 1 when a bar was missed; 2 when it could not run."""
    options = _options(arguments)
    try:
        with model_at(options.base_url, options.model) as settings:
            records = _run(options, settings)
    except (Stopped, ModelFailed) as error:
        sys.stderr.write(f"\nevals: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nevals: stopped; the same command goes on from here\n")
        return 2
    if options.shows:
        _show(options, records)
    return _tell(options, records)


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="evals.run", description=__doc__)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument(
        "--model", default="", help="with --base-url; without both the offline model is started"
    )
    parser.add_argument("--base-url", default="", help="ends in /v1; the key is taken from OPENAI_API_KEY")
    parser.add_argument("--repeats", type=int, default=1, help="k of pass^k: 4 for a model that may vary")
    parser.add_argument("--parallel", type=int, default=2, help=f"1 to {MAX_PARALLEL}")
    parser.add_argument("--prices", default="", metavar="IN,CACHED,OUT", help="rupiah per million tokens")
    parser.add_argument("--only", default="", help="cases whose id starts so (development split only)")
    parser.add_argument("--show", action="store_true", help="print the replies that fell short")
    parser.add_argument("--bars", action="store_true", help="fail when a bar of the offline model is missed")
    given = parser.parse_args(arguments)
    if bool(given.model) != bool(given.base_url):
        parser.error("give both --model and --base-url, or neither for the offline model")
    if given.only and given.split == "test":
        parser.error("--only would look into the held-out split case by case")
    if not 1 <= given.parallel <= MAX_PARALLEL or given.repeats < 1:
        parser.error(f"--parallel is 1 to {MAX_PARALLEL}, --repeats at least 1")
    return Options(
        split=cast("Split", given.split),
        model=given.model or OFFLINE,
        base_url=given.base_url,
        repeats=given.repeats,
        parallel=given.parallel,
        prices=_prices(parser, given.prices),
        only=given.only,
        shows=given.show,
        keeps_bars=given.bars,
    )


def _prices(parser: argparse.ArgumentParser, text: str) -> Prices | None:
    if not text:
        return None
    try:
        prompt_price, cached, completion = map(float, text.split(","))
    except ValueError:
        parser.error("--prices wants three numbers: rupiah per million tokens in, cached, out")
    return Prices(prompt_price, cached, completion)


@contextmanager
def model_at(base_url: str, model: str) -> Generator[ModelSettings]:
    """The model to ask; without an address the offline one, which runs as long as it is needed."""
    if base_url:
        yield ModelSettings(base_url, model, os.environ.get("OPENAI_API_KEY") or "none")
        return
    command = [sys.executable, "-m", "offline_model", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            ready = server.stdout.readline() if server.stdout else ""
            if not ready.startswith("offline_model ready: "):
                raise Stopped("the offline model did not start: run `python -m offline_model --port 0`")
            yield ModelSettings(ready.split(": ", 1)[1].strip(), OFFLINE, "none")
        finally:
            server.terminate()


def _run(options: Options, settings: ModelSettings) -> list[Record]:
    """The record of every case and repeat: those of an earlier run, and the rest played now."""
    chosen = [each for each in case.load(options.split) if each.id.startswith(options.only)]
    if not chosen:
        raise Stopped(f"no case of the {options.split} split starts with {options.only!r}")
    path = _record_path(options)
    wanted = {(each.id, repeat): each for repeat in range(options.repeats) for each in chosen}
    done = {key: record for key, record in _read(path, options).items() if key in wanted}
    missing = [(each, key[1]) for key, each in wanted.items() if key not in done]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        for at, record in enumerate(_played(options, settings, missing), start=len(done) + 1):
            done[record.case, record.repeat] = record
            file.write(f"\n{record.model_dump_json()}")
            file.flush()
            _progress(at, len(wanted), record)
    return [done[key] for key in wanted]


def _record_path(options: Options) -> Path:
    shown = "-shown" if options.shows else ""
    name = f"{options.split}-{report.slug(options.model)}-{fingerprint(options.split)}{shown}.jsonl"
    return RESULTS / "records" / name


def _read(path: Path, options: Options) -> dict[tuple[str, int], Record]:
    """The finished records; where the model gave no answer it is asked again. The offline model costs nothing
    and its records are never old enough to trust."""
    if not path.exists() or not options.base_url:
        path.unlink(missing_ok=True)
        return {}
    done = dict[tuple[str, int], Record]()
    for line in path.read_text("utf-8").splitlines():
        with suppress(ValidationError):  # a killed run may leave half a line
            record = Record.model_validate_json(line)
            done[record.case, record.repeat] = record
    return {key: record for key, record in done.items() if not record.failure}


def _played(
    options: Options, settings: ModelSettings, missing: Sequence[tuple[Case, int]]
) -> Generator[Record]:
    """The records of `missing`, as they are finished."""
    stop, failures = Event(), 0
    keeps_words = options.split == "dev" or options.shows

    def one(each: Case, repeat: int) -> Record | None:
        if stop.is_set():
            return None
        played = play.play(each, settings)
        return judge.record(each, repeat, played, prompt.RULES, keeps_words=keeps_words)

    with ThreadPoolExecutor(options.parallel) as pool:
        futures: list[Future[Record | None]] = [pool.submit(one, *item) for item in missing]
        try:
            for future in as_completed(futures):
                record = future.result()
                if record is None:
                    continue
                failures = failures + 1 if record.failure else 0
                if failures == FAILURES_IN_A_ROW:
                    raise Stopped(f"the model failed {failures} times in a row, last with {record.failure}")
                yield record
        finally:
            stop.set()


def _progress(done: int, total: int, record: Record) -> None:
    """A bar that moves; where nobody watches, a line for every tenth."""
    trouble = f" ({record.failure})" if record.failure else ""
    if not sys.stderr.isatty():
        if 10 * done // total > 10 * (done - 1) // total:
            sys.stderr.write(f"{done} of {total}{trouble}\n")
        return
    bar = "#" * (30 * done // total)
    ending = "\n" if done == total else ""
    sys.stderr.write(f"\r[{bar:<30}] {done} of {total}{trouble}\x1b[K{ending}")
    sys.stderr.flush()


def _tell(options: Options, records: Sequence[Record]) -> int:
    about = About(options.split, options.model, options.repeats, _commit(), fingerprint(options.split))
    made = report.build(about, records, options.prices)
    sys.stdout.write(report.markdown(made))
    if not options.only:
        path = report.save(made, RESULTS)
        sys.stdout.write(f"\nSaved as {path} and .json\n")
    missed = bars.missed(made) if options.keeps_bars else []
    sys.stdout.write("".join(f"MISSED {line}\n" for line in missed))
    if options.keeps_bars and not missed:
        sys.stdout.write("Every bar is met.\n")
    return 1 if missed else 0


def _show(options: Options, records: Sequence[Record]) -> None:
    """The replies that fell short, with the chat: for eyes that may see the split."""
    by_id = {each.id: each for each in case.load(options.split)}
    for record in records:
        if faults := judge.faults(record.sent):
            chat = "\n".join(f"  {said.role}: {said.text}" for said in by_id[record.case].turns)
            numbers = f" loose: {', '.join(record.numbers)}" if record.numbers else ""
            head = f"{record.case} #{record.repeat}: {', '.join(faults)}{numbers}"
            sys.stdout.write(f"{head}\n{chat}\n  -> {record.reply}\n\n")


def fingerprint(split: Split) -> str:
    """A short hash of all that decides an answer and its marks."""
    parts = [*(ROOT / "balas").glob("*.py"), *(ROOT / "balas" / "agent").glob("*.py")]
    parts += [*(ROOT / "offline_model").glob("*.py"), *(ROOT / "evals").glob("*.py")]
    parts += [*(ROOT / "evals" / "shops").glob("*.json"), *case.files(split)]
    total = sha256()
    for path in sorted(parts):
        total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+changes", "--exclude=*"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "unknown"
    return described.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
