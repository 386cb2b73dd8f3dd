"""Drivers against real kernel devices: a small virtual machine whose kernel has USB gadgets, V4L2 cameras and uinput.

``python -m tests.guest`` fetches Debian's kernel package, starts the machine with this machine's own file system (read
only, an overlay above it), runs ``tests/guest/inside`` there and prints what came of it. Needs qemu-system-x86,
busybox-static, cpio and kmod; the command says what is missing. Two to four minutes without hardware acceleration.
"""
