"""The exchange that gets killed: commands come in on a pipe, acknowledgements go out on another.

In:   ``CLIENT NUMBER``, one a line.
Out:  ``ready SEQUENCE`` once; ``ack CLIENT NUMBER SEQUENCE CODE`` when durable and applied;
      ``refused CLIENT NUMBER CODE`` before the journal; ``state NAME`` when it changes;
      ``stopped SEQUENCE STATE_HASH`` after a clean stop, at the end of the input.
A failed journal ends the process with exit code 70.
"""

import argparse
import asyncio
import contextlib
import os
import sys
from pathlib import Path

from small_exchange import SETUP, Sizes, command_of, open_exchange

from flowex.adapters.disk.local import LocalDisk
from flowex.app.engines import machine_factory
from flowex.engine.machine import state_hash
from flowex.engine.sequencer import InlineSequencer, Sequencer, ThreadedSequencer
from flowex.messages.results import ResultCode
from flowex.ports.journal import JournalError
from flowex.ports.sequencer import Priority, SequencerStopped

EXIT_FAILED = 70
LOOK_AROUND_SECONDS = 0.1


def say(*words: object) -> None:
    os.write(1, " ".join(map(str, words)).encode() + b"\n")


async def serve(sequencer: Sequencer, client: int, number: int) -> None:
    command = command_of(client, number)
    is_cancel = type(command).__name__ == "OrderCancelAll"
    priority = Priority.CANCEL if is_cancel else Priority.ORDER
    try:
        outcome = await sequencer.submit(command, priority=priority)
    except SequencerStopped:
        return  # Nobody is told anything: what became of it is unknown.
    if outcome.sequence:
        say("ack", client, number, outcome.sequence, int(outcome.code))
    else:
        say("refused", client, number, int(outcome.code))


async def watch_state(sequencer: Sequencer, ended: asyncio.Event) -> None:
    """Say when the state changes; an inline exchange has to be told to look around."""
    said = None
    while not ended.is_set():
        if isinstance(sequencer, InlineSequencer):
            sequencer.tick()
        if sequencer.state is not said:
            said = sequencer.state
            say("state", said.name)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), LOOK_AROUND_SECONDS)


async def run(options: argparse.Namespace) -> None:
    kind = ThreadedSequencer if options.threaded else InlineSequencer
    sequencer = open_exchange(
        kind,
        LocalDisk(options.folder),
        sizes=Sizes(options.segment_bytes, options.free_bytes_min, options.snapshot_every),
        factory=machine_factory(options.engine),
        background=options.threaded,
        on_failure=lambda _: os._exit(EXIT_FAILED),
    )
    if isinstance(sequencer, ThreadedSequencer):
        await sequencer.start()
    elif isinstance(sequencer, InlineSequencer):
        sequencer.start()
    for command in SETUP[sequencer.last_sequence :]:
        outcome = await sequencer.submit(command, priority=Priority.INTERNAL)
        assert outcome.code is ResultCode.OK, outcome
    say("ready", sequencer.last_sequence)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    ended = asyncio.Event()
    watcher = asyncio.create_task(watch_state(sequencer, ended))
    async with asyncio.TaskGroup() as serving:
        while line := await reader.readline():
            client, number = map(int, line.split())
            serving.create_task(serve(sequencer, client, number))
    ended.set()
    await watcher
    machine = sequencer._committer.machine
    if isinstance(sequencer, ThreadedSequencer):
        await sequencer.stop()
    elif isinstance(sequencer, InlineSequencer):
        sequencer.stop()
    say("stopped", machine.sequence, state_hash(machine.snapshot()))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threaded", action="store_true")
    parser.add_argument("--engine", default="reference")
    parser.add_argument("--segment-bytes", type=int, default=64 << 10)
    parser.add_argument("--free-bytes-min", type=int, default=0)
    parser.add_argument("--snapshot-every", type=int, default=250)
    try:
        asyncio.run(run(parser.parse_args()))
    except JournalError:
        os._exit(EXIT_FAILED)


if __name__ == "__main__":
    main()
