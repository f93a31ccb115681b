"""What a rule says when it refuses. No HTTP here: `common.api.problems` translates, once for all."""

from collections.abc import Mapping


class RuleBroken(Exception):
    """A rule of the domain refuses the change. Nothing was changed."""

    code = "rule_broken"

    def __init__(self, message: str, *, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = dict(errors or {})  # field name → what is wrong with it


class InvalidInput(RuleBroken):
    """The values contradict each other or the row; the caller can correct them."""

    code = "invalid"


class NotAllowed(RuleBroken):
    """The person may see this but not do that."""

    code = "not_allowed"


class AlreadyExists(RuleBroken):
    """There can be only one, and it is there."""

    code = "already_exists"
