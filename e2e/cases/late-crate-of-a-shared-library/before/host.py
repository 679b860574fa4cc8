"""Answers one line for every line it reads, behind "thread" on another thread."""
import ctypes
import glob
import os
import queue
import sys
import threading

answer = ctypes.CDLL(glob.glob("target/*/libplugin.so")[0]).answer


def work():
    while True:
        lines.get()
        print(f"= {answer()}", flush=True)


lines = queue.Queue()
threading.Thread(target=work, daemon=True).start()
for line in sys.stdin:
    if line.startswith("thread"):
        lines.put(line)
    else:
        print(f"= {os.getpid() if line == 'pid' + chr(10) else answer()}", flush=True)
