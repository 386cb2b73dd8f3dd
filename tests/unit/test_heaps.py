"""The number of heaps of the C library, counted in a process of its own that allocates on many threads."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

COUNT = """
import ctypes, re, sys, tempfile, threading
from kiosk.heaps import limit_heaps
if sys.argv[1] == "limited":
    assert limit_heaps()
c = ctypes.CDLL(None)
c.malloc.restype = ctypes.c_void_p
c.fopen.restype = ctypes.c_void_p
c.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
c.fclose.argtypes = [ctypes.c_void_p]
together = threading.Barrier(8)
def work():
    c.malloc(100_000)
    together.wait(30)
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile() as file:
    handle = c.fopen(file.name.encode(), b"w")
    c.malloc_info(0, handle)
    c.fclose(handle)
    print(len(re.findall("<heap nr=", file.read().decode())))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such heaps")
def test_many_threads_share_two_heaps() -> None:
    def heaps(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert heaps("limited") <= 2 < heaps("free")
