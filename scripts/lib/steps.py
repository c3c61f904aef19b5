"""A test as a series of named steps, reported as TAP."""

import sys
import traceback


class Steps:
    """Each step is a call; later ones mostly make no sense after a failure, so a failed
    step ends the test unless it is a mere comparison (`expect_equal`, `expect`)."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def _result(self, good, name, why=""):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        if why and not good:
            print("  " + why.strip().replace("\n", "\n  "), flush=True)

    def expect(self, good, name, why=""):
        self._result(bool(good), name, why)

    def do(self, name, action, *arguments, **named):
        """Runs the action and returns its result; ends the test when it fails."""
        try:
            result = action(*arguments, **named)
        except Exception as error:
            self._result(False, name, str(error) or traceback.format_exc())
            self.close()
        self._result(True, name)
        return result

    def refused(self, name, sqlstate, action, *arguments):
        """The action must be refused with that SQLSTATE."""
        try:
            action(*arguments)
        except Exception as error:
            good = f"ERROR:  {sqlstate}:" in str(error)
            self._result(good, name, f"expected {sqlstate}:\n{error}")
        else:
            self._result(False, name, f"expected {sqlstate}, but it succeeded")

    def skip(self, name, why):
        self.number += 1
        print(f"ok {self.number} - {name} # SKIP", flush=True)
        print("  " + why.strip().replace("\n", "\n  "), flush=True)

    def close(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed else 0)
