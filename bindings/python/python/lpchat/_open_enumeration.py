"""The base of enumerations that the service may extend at any time."""

from __future__ import annotations

from enum import Enum


class OpenEnumeration(str, Enum):
    """A text with names for the values known today; any other value is a member too, and keeps its own text."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnumeration | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of lpchat knows the value."""
        return self._name_ in type(self).__members__

    def __str__(self) -> str:
        return str(self._value_)

    def __repr__(self) -> str:
        name = f"{type(self).__name__}.{self._name_}" if self.is_known else type(self).__name__
        return f"<{name}: {self._value_!r}>"

    def __hash__(self) -> int:
        return hash(self._value_)

    def __reduce_ex__(self, protocol: object) -> tuple[type[OpenEnumeration], tuple[str]]:
        return type(self), (str(self._value_),)
