"""Who may read the mirror: a login role for each domain, with SELECT on the domain's tables and on dim, and nothing else."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pipelines.errors import EnvironmentFault
from pipelines.names import literal, quoted
from pipelines.steps.mirror.lake_tables import LAYERS, LakeTable
from pipelines.steps.mirror.server import run

_GRANTED = """
SELECT n.nspname, c.relname, r.rolname, a.privilege_type
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE n.nspname = ANY(%s) AND r.rolname = ANY(%s)"""
_TOO_MUCH = """
SELECT r, has_schema_privilege(r, 'public', 'CREATE'), has_database_privilege(r, current_database(), 'TEMPORARY')
FROM unnest(%s::text[]) AS r"""
Grant = tuple[str, str, str, str]


def role_of(domain: str) -> str:
    """The role that reads a domain."""
    return f"rongtong_{domain}_reader"


def fit_roles(pg: psycopg.Connection, passwords: Mapping[str, str]) -> None:
    """Make the roles of the domains (domain → password) and take from everybody what a reader must not have by being somebody."""
    known = {str(row[0]) for row in pg.execute("SELECT rolname FROM pg_roles").fetchall()}
    for domain, password in passwords.items():
        role = role_of(domain)
        # Hashed here: statements that change roles are what servers write into their logs.
        hashed = pg.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        verb = "ALTER" if role in known else "CREATE"
        run(pg, f"{verb} ROLE {quoted(role)} LOGIN PASSWORD {literal(hashed)}")
    if passwords:
        _confine(pg, [role_of(domain) for domain in passwords])


def _confine(pg: psycopg.Connection, roles: list[str]) -> None:
    database, everyone = quoted(pg.info.dbname), ", ".join(quoted(role) for role in roles)
    run(pg, f"GRANT USAGE ON SCHEMA {', '.join(LAYERS)} TO {everyone}")
    run(pg, f"GRANT CONNECT ON DATABASE {database} TO {everyone}")
    if _overdone(pg, roles):
        run(pg, f"REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
    left = _overdone(pg, roles)
    if left:
        hint = f"as their owner: REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"
        raise EnvironmentFault(f"[mirror-rights] {', '.join(left)} could create tables there. Hint: {hint}.")


def _overdone(pg: psycopg.Connection, roles: list[str]) -> list[str]:
    rows = pg.execute(_TOO_MUCH, (roles,)).fetchall()
    return [str(role) for role, create, temporary in rows if create or temporary]


def fit_grants(
    pg: psycopg.Connection, tables: Iterable[LakeTable], domains: Mapping[str, str], known: Iterable[str]
) -> None:
    """Give each role what it must read now, and take away what it had besides; `domains` is `layer.table` → domain.

    `known` are all domains that ever had a reader: those without tables keep dim alone.
    """
    roles = [role_of(domain) for domain in known]
    wanted: set[Grant] = set()
    for table in tables:
        domain = domains.get(table.full_name, "")
        allowed = roles if table.layer == "dim" else [role_of(domain)] if domain else []
        wanted |= {(table.layer, table.name, role, "SELECT") for role in allowed}
    have: set[Grant] = {tuple(row) for row in pg.execute(_GRANTED, (list(LAYERS), roles)).fetchall()}
    for verb, way, grants in (("REVOKE", "FROM", have - wanted), ("GRANT", "TO", wanted - have)):
        for layer, name, role, right in sorted(grants):
            run(pg, f"{verb} {right} ON {quoted(layer)}.{quoted(name)} {way} {quoted(role)}")


def reader_uri(url: str, domain: str, password: str) -> str:
    """Return the address at which a domain's reader finds the database of `url`, a socket's folder included.

    >>> reader_uri("postgresql://bi:x@db:5433/bi?sslmode=require", "life", "s3cret")
    'postgresql://rongtong_life_reader:s3cret@db:5433/bi?sslmode=require'
    >>> reader_uri("postgresql://postgres:@/postgres?host=/tmp/pg", "life", "s3cret")
    'postgresql://rongtong_life_reader:s3cret@/postgres?host=%2Ftmp%2Fpg'
    """
    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    for own in ("user", "password", "passfile", "application_name"):
        parts.pop(own, None)
    place = parts.pop("host", "")
    if "/" in place or "," in place or ":" in place:  # a socket's folder, several hosts, an IPv6 address
        place, parts["host"] = "", place
    elif "port" in parts:
        place += f":{parts.pop('port')}"
    name = quote(parts.pop("dbname", ""), safe="")
    options = f"?{urlencode(parts, quote_via=quote, safe='')}" if parts else ""
    return f"postgresql://{role_of(domain)}:{quote(password, safe='')}@{place}/{name}{options}"
