"""Answers one line for every line it reads."""
import ctypes
import os
import sys

plugin = ctypes.CDLL(os.path.abspath("target/debug/libplugin.so"))
for line in sys.stdin:
    print(f"= {os.getpid() if line == 'pid' + chr(10) else plugin.answer(int(line))}", flush=True)
