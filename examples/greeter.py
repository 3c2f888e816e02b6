"""Say hello once to whoever smiles for half a second: python examples/greeter.py [SOURCE]"""

import sys

import fer_edge

try:
    stream = fer_edge.Stream(sys.argv[1] if sys.argv[1:] else None)
    stream.when("happy", hold_time=0.5, once_per_track=True)(lambda e: print("hello", e.track_id))
    stream.run()
except fer_edge.FerEdgeError as error:
    sys.exit(str(error))
