"""A stand-in for Bitly's API on this machine: a made-up world, its truth, and its HTTP face.

It shares the words of the trade (domain) with the harvester and nothing else, so that the two
cannot be wrong in the same way. Not in it: unit=minute, text/csv, QR codes, exports, writes.
"""
