"""Every figure of the README in one go: ``make bench`` (a few minutes), or ``--quick``.

Runs are interleaved and the median counts, because machines are noisy; clients run on a core of
their own and their cost is told apart. Each figure comes with the checksum of its answer: the
events hash of the machine's stream, and for the whole exchange the state hash that a replay of its
journal in another machine reaches.
"""

import argparse
import asyncio
import json
import platform
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import history, latency, machine, memory, queries
from bench.press import Measured, WrongAnswer, press
from bench.running import SCRIPT, Exchange, cores
from bench.targets import Findings, rows

RESULTS: Final = Path(__file__).with_name("results") / "latest.json"
WS_CONNECTIONS: Final = 100
WS_IN_FLIGHT: Final = 8
REST_CONNECTIONS: Final = 64
MACHINE_COMMANDS: Final = 300_000
QUICK_COMMANDS: Final = 50_000


def measure_machine(findings: Findings, engine: str, commands: int, repeat: int) -> str:
    """Measure the machine alone; return the events hash of the stream."""
    script = machine.warm_script(commands)
    warm = machine.rebatched(script, machine.WARM_BATCH)
    cases = {
        "machine_warm": warm,
        "machine_cold": machine.scattered(script),
        "machine_single": machine.rebatched(script, 1),
        "machine_64": machine.rebatched(script, 64),
    }
    hashes: dict[str, int] = {}
    for key, workload in cases.items():
        times, hashes[key] = machine.measure(engine, workload, repeat)
        for nanoseconds in times:
            findings.add(key, nanoseconds)
            if key == "machine_warm":
                findings.add("replay", 1e9 / nanoseconds)
    same = {hashes["machine_warm"], hashes["machine_single"], hashes["machine_64"]}
    if len(same) > 1:
        raise WrongAnswer(f"the events hash depends on the size of batches: {hashes}")
    return f"{same.pop():016x}"


def measure_history(findings: Findings, *, is_quick: bool) -> str:
    """Measure questions for candles; return the answers' checksum. Raises WrongAnswer."""
    markets, days = (5, 30) if is_quick else (history.MARKETS, history.DAYS)
    with TemporaryDirectory() as folder:
        answers = asyncio.run(
            history.measure(Path(folder), markets=markets, days=days, questions=history.QUESTIONS)
        )
    findings.add("candles_p99", answers[0].p99_ms)
    return answers[0].checksum


def measure_queries(findings: Findings, *, is_quick: bool) -> str:
    """Measure questions for orders and trades; return the answers' checksum. Raises WrongAnswer."""
    orders = 20_000 if is_quick else queries.ORDERS
    with TemporaryDirectory() as folder:
        measured = queries.measure(Path(folder), orders=orders, count=queries.QUESTIONS)
        p99_ms, checksum = asyncio.run(measured)
    findings.add("queries_p99", p99_ms)
    return checksum


def measure_exchange(findings: Findings, home: Path, seconds: float, warm: float) -> dict[str, Any]:
    """Measure one exchange through its doors, stop it, and prove its journal; return the proof."""
    with Exchange(home, core=cores()[0]) as exchange:
        findings.add("memory", memory.measure(exchange, warm))
        ws = press(
            "ws",
            exchange,
            seconds=seconds,
            connections=WS_CONNECTIONS,
            in_flight=WS_IN_FLIGHT,
            warm_seconds=warm,
        )
        rest = press(
            "rest", exchange, seconds=seconds, connections=REST_CONNECTIONS, warm_seconds=warm
        )
        patient = latency.measure(exchange, seconds, warm)
    for name, load in (("ws", ws), ("rest", rest)):
        findings.add(f"{name}_rate", load["orders_per_second"])
        findings.add(f"{name}_cpu", load["server_cpu_us_per_order"])
        tell(name, load)
    for load in (ws, rest, patient):
        findings.add("yardstick_ms", load["yardstick_ms"])
    findings.add("ack_p50", patient["latency_p50_ms"])
    findings.add("ack_p99", patient["latency_p99_ms"])
    tell("10 x 1", patient)
    proof = replayed(home, patient["sequence"])
    with Exchange(home) as exchange:
        findings.add("start_second", exchange.start_seconds)
    return proof | {"loads": [ws, rest, patient]}


def replayed(home: Path, sequence: int) -> dict[str, Any]:
    """Replay the journal of a stopped exchange; return sequence and hashes. Raises WrongAnswer."""
    command = [str(SCRIPT), "journal", "replay", "--home", str(home), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    proof: dict[str, Any] = json.loads(done.stdout)
    if proof["sequence"] < sequence:
        raise WrongAnswer(f"the journal ends at {proof['sequence']}, {sequence} were told")
    return proof


def tell(name: str, load: Measured) -> None:
    """Print one load's figures, those without a target included."""
    counts = load["counts"]
    cpu = load["server_cpu_us_per_order"] or 0.0
    full = 1e6 / cpu if cpu else 0.0  # Had nobody else wanted the server's core.
    print(
        f"  {name:7} {load['orders_per_second']:8,.0f} orders/s  {cpu:5.1f} µs CPU  "
        f"p50 {load['latency_p50_ms']:.2f} p99 {load['latency_p99_ms']:.2f} ms  "
        f"client {load['client_cpu_us_per_order']:.1f} µs  server busy "
        f"{load['server_cpu_share'] or 0:.0%} ({full:,.0f} orders/s at 100%)\n"
        f"          {counts}, lag {max(load['lag'].values())} commands, "
        f"drained in {load['lag_drained_seconds']:.2f} s, yardstick {load['yardstick_ms']:.2f} ms",
        flush=True,
    )


def print_table(findings: Findings, engine: str, *, as_markdown: bool) -> None:
    """Print what must be, what is wished for, and what is."""
    head = ("", "must", "goal", "measured", "")
    table = [head, *rows(findings)]
    if as_markdown:
        for index, row in enumerate(table):
            print("| " + " | ".join(row[:4]) + " |")
            if index == 0:
                print("|---|---|---|---|")
        return
    widths = [max(len(row[column]) for row in table) for column in range(5)]
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)))


def main() -> None:
    """Measure everything, print the table, keep the results."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20 seconds: does it work at all?")
    parser.add_argument("--rounds", type=int, help="interleaved runs  [default: 3]")
    parser.add_argument("--markdown", action="store_true", help="print the README's table")
    options = parser.parse_args()
    rounds = options.rounds or (1 if options.quick else 3)
    seconds, warm = (2.0, 0.5) if options.quick else (10.0, 2.0)
    findings, proofs = Findings(), []
    engine = "native"
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", flush=True)
        with TemporaryDirectory() as folder:
            proofs.append(measure_exchange(findings, Path(folder) / "home", seconds, warm))
        engine = proofs[-1]["engine"]
    checksum = measure_history(findings, is_quick=options.quick)
    queries_checksum = measure_queries(findings, is_quick=options.quick)
    commands = QUICK_COMMANDS if options.quick else MACHINE_COMMANDS
    stream_hash = measure_machine(findings, engine, commands, rounds)
    print()
    print_table(findings, engine, as_markdown=options.markdown)
    print(
        f"\nengine {engine}, Python {platform.python_version()}, {platform.platform()}\n"
        f"yardstick {findings.median('yardstick_ms'):.2f} ms: this computer's speed meanwhile\n"
        f"events hash of the stream of {commands:,}: {stream_hash}\n"
        f"candles: checksum {checksum}; orders and trades: checksum {queries_checksum}"
    )
    for proof in proofs:
        print(f"journal of {proof['sequence']:,} commands replayed: state {proof['state_hash']}")
    RESULTS.parent.mkdir(exist_ok=True)
    kept = {
        "time": time.time(),
        "engine": engine,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "medians": {key: findings.median(key) for key in findings.values},
        "values": findings.values,
        "stream_events_hash": stream_hash,
        "candles_checksum": checksum,
        "queries_checksum": queries_checksum,
        "exchanges": proofs,
    }
    RESULTS.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
