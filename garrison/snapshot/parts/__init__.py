"""The collector: read-only, standard library only (Python 3.11 or newer), runs as root on a host.

Its files travel as one text, see ``garrison.snapshot.program``: a part imports nothing else of Garrison.
What can't be read is null or absent, never a guess.
"""
