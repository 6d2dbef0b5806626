"""Rules on whom a contract names to be told."""

from collections.abc import Iterator

from pipelines.contracts.channels import holds_secret
from pipelines.contracts.registry import Draft, Finding, rule


@rule("channel-secret")
def channel_secret(draft: Draft) -> Iterator[Finding]:
    """An address to be told at holds no password and no robot's key, only the name of one."""
    if not draft.sound("support"):
        return
    for index, entry in enumerate(draft.document.data.get("support", [])):
        if holds_secret(entry.get("url", "")):
            hint = "write ${NAME} for it, and give NAME by the environment or secrets.env."
            where = ("support", str(index), "url")
            yield Finding(where, f"the address of '{entry['channel']}' spells out a secret", hint)
