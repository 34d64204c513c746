"""One side of a benchmark: prepares once, then does the work once for every line "go" (the protocol of ../side.ts)."""

import json
import sys
import time


def serve(prepare, work):
    prepared = prepare(sys.argv[1])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            break
        timings, figures = work(prepared)
        print(json.dumps({"timings": timings, "figures": figures}), flush=True)


def timed(work):
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result
