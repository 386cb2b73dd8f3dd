"""Drivers against real kernel devices: a virtual machine whose kernel has USB gadgets, USB/IP, V4L2 cameras and uinput.

``python -m tests.guest`` fetches Debian's kernel package, starts the machine with this machine's own file system (read
only, an overlay above it), runs ``tests/guest/inside`` there and prints what came of it, with the time each piece took
to be usable again after a replug (``TIME``). Needs qemu-system-x86, busybox-static, cpio, kmod and udev; the command
says what is missing. Without hardware acceleration some five minutes, on a busy machine much longer.
"""
