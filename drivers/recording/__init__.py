"""What went over a device's wire, kept in a file without anybody's data, to be played again as a regression test.

``disguise`` takes the content out before anything is kept, ``tape`` is the file, ``recorder`` sits beside a driver.
``drivers.simulated.replay`` plays a tape to a driver.
"""
