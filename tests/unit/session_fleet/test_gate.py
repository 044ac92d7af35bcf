"""The gate: starts and stops are alone, other calls only wait for them."""

import threading

from session_fleet.gate import Gate

DEADLINE_S = 5


def test_a_call_waits_until_a_start_is_over() -> None:
    gate, passed = Gate(), threading.Event()

    def call() -> None:
        gate.pass_through()
        passed.set()

    with gate.held():
        caller = threading.Thread(target=call)
        caller.start()
        assert not passed.wait(0.05)
    assert passed.wait(DEADLINE_S)
    caller.join()


def test_a_slow_call_does_not_hold_up_a_start() -> None:
    gate = Gate()
    gate.pass_through()  # and the call itself goes on for 75 s
    entered = threading.Event()

    def start() -> None:
        with gate.held():
            entered.set()

    starter = threading.Thread(target=start)
    starter.start()
    assert entered.wait(DEADLINE_S)
    starter.join()


def test_the_gate_opens_again_after_a_failed_start() -> None:
    gate = Gate()
    try:
        with gate.held():
            raise RuntimeError
    except RuntimeError:
        pass
    gate.pass_through()
