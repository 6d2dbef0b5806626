"""What a draft says beside its values: remarks and open questions, by the place of the contract they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Said:
    """Remarks and todos by place (see `contracts.writing.Remarks`), as they come up; `notes` are for whoever drafts."""

    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    todos: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, place: str, remarks: Sequence[str] = (), todos: Sequence[str] = ()) -> None:
        """Say something more at a place."""
        if remarks:
            self.remarks[place] = (*self.remarks.get(place, ()), *remarks)
        if todos:
            self.todos[place] = (*self.todos.get(place, ()), *todos)
