#!/usr/bin/env python3
"""An external agent for Olorin, in Python's standard library alone.

It offers one tool: how many of an account's amounts are whole numbers. Run it beside a server:

    olorin user add scorer --role agent
    export OLORIN_URL=http://127.0.0.1:8090 OLORIN_TOKEN="$(olorin token --user scorer --ttl 24h)"
    python3 examples/agents/whole_amounts.py

Then switch WHOLE-01 on in the settings of an investigation. With --once it ends after its first piece of work.
"""
import json
import os
import sys
import time
import urllib.error
import urllib.request

API = os.environ.get("OLORIN_URL", "http://127.0.0.1:8090") + "/api/v1/agent"
TOKEN = os.environ["OLORIN_TOKEN"]
TOOL = {
    "tool": "WHOLE-01", "title": "Whole amounts", "description": "Amounts without cents, by share.", "version": 1, "weight": 0.2,
    "group": "amount", "baseline": "a fixed share",
    "params": [{"name": "share", "title": "Share of whole amounts", "default": 0.5, "min": 0.1, "max": 1}],
}


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status = status


def call(method, path, body=None):
    """One request; None for an answer without a body. A refusal is told with all its faults."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, data=data, method=method, headers={
        "Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as refusal:
        raise Refused(refusal.code, refusal.read().decode()) from None


def rows(lease):
    """Every row of the accounts in question, page by page. Each page moves the lease on."""
    after, more = 0, True
    while more:
        page = call("GET", f"/work/{lease}/rows?after={after}&limit=1000")
        yield from page["items"]
        after, more = page["next"], page["more"]


def look(work):
    """What the work comes to."""
    amounts = [(r["row"], r["fields"]["amount"]) for r in rows(work["lease"]) if r["in_scope"] and isinstance(r["fields"].get("amount"), (int, float))]
    if len(amounts) < 2:
        return {"outcome": "not_assessed", "reason": f"{len(amounts)} rows in scope have an amount; at least 2 are needed"}
    whole = [row for row, amount in amounts if amount == int(amount)]
    share, limit = len(whole) / len(amounts), work["params"]["share"]
    call("POST", f"/work/{work['lease']}/progress", {"percent": 90, "log": [
        {"level": "info", "message": f"{len(whole)} of {len(amounts)} amounts are whole"}]})
    if not whole or share < limit:
        return {"outcome": "clear"}
    return {"outcome": "fired", "findings": [{
        "key": "whole amounts", "strength": round(share, 6), "rows": whole[:1000],
        "sentence": f"{len(whole)} of {len(amounts)} amounts in scope are whole numbers ({share:.0%}; many is {limit:.0%}).",
        "numbers": {"whole": len(whole), "amounts": len(amounts)}}]}


def main():
    registered = False
    while True:
        try:
            if not registered:
                call("PUT", "/registration", {"title": "Whole amounts", "tools": [TOOL]})
                registered = True
                print("registered", flush=True)
            work = call("POST", "/work", {"wait_ms": 20000})
            if work is None:
                continue
            try:
                report = look(work)
            except Refused:
                raise
            except Exception as fault:  # a fault of this tool is its failure, not the run's
                report = {"outcome": "failed", "reason": repr(fault)}
            call("PUT", f"/work/{work['lease']}/report", report)
            print("reported", report["outcome"], flush=True)
            if "--once" in sys.argv:
                return
        except Refused as refusal:
            if refusal.status in (401, 403):
                raise
            registered = registered and refusal.status != 404  # the server was started anew
            print(refusal, file=sys.stderr, flush=True)
        except OSError as fault:
            print("the server cannot be reached; trying again:", fault, file=sys.stderr, flush=True)
            time.sleep(2)


main()
