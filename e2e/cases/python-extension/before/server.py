"""Answers one line for every line it reads, by what Rust says: on this thread, or behind "worker" on another."""
import os
import queue
import sys
import threading

sys.path.insert(0, "extension")
from extension import answer


def reply(line):
    if line == "pid":
        return os.getpid()
    try:
        return answer(line)
    except BaseException as error:
        return f"caught {error}"


def work():
    while (line := lines.get()) is not None:
        print(f"= {reply(line)}", flush=True)


lines = queue.Queue()
threading.Thread(target=work, daemon=True).start()
for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("worker "):
        lines.put(line.removeprefix("worker "))
    else:
        print(f"= {reply(line)}", flush=True)
