"""Triggers that keep the chained tables append-only.

A chained table takes only entries that continue its chain, and gives none back: the database
refuses UPDATE, DELETE and TRUNCATE, and an INSERT whose sequence or previous hash does not follow.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CHAINED = ("exports", "verdicts", "editions", "deliveries")

SQLITE_REFUSE = """
create trigger {table}_no_{event} before {event} on {table}
begin select raise(abort, '{table} is append-only'); end
"""

SQLITE_FOLLOW = """
create trigger {table}_follows before insert on {table}
when new.sequence <> (select coalesce(max(sequence), 0) + 1 from {table})
  or new.previous_sha256 <> coalesce(
       (select entry_sha256 from {table} order by sequence desc limit 1), '{first}')
begin select raise(abort, '{table} takes only the next entry of its chain'); end
"""

POSTGRESQL_REFUSE = """
create function rapport_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name
    using errcode = 'integrity_constraint_violation';
end $$
"""

POSTGRESQL_FOLLOW = """
create function rapport_follow_chain() returns trigger language plpgsql as $$
declare
  newest_sequence integer := 0;
  newest_sha256 text := '{first}';
begin
  execute format(
    'select sequence, entry_sha256 from %I.%I order by sequence desc limit 1',
    tg_table_schema, tg_table_name)
    into newest_sequence, newest_sha256;
  if new.sequence <> coalesce(newest_sequence, 0) + 1
     or new.previous_sha256 <> coalesce(newest_sha256, '{first}') then
    raise exception '% takes only the next entry of its chain', tg_table_name
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$
"""

POSTGRESQL_TRIGGERS = (
    "create trigger {table}_no_change before update or delete on {table}"
    " for each row execute function rapport_refuse_change()",
    "create trigger {table}_no_truncate before truncate on {table}"
    " for each statement execute function rapport_refuse_change()",
    "create trigger {table}_follows before insert on {table}"
    " for each row execute function rapport_follow_chain()",
)


def upgrade() -> None:
    """Bring the schema to this revision."""
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    for table in CHAINED:
        for event in ("update", "delete"):
            op.execute(SQLITE_REFUSE.format(table=table, event=event))
        op.execute(SQLITE_FOLLOW.format(table=table, first="0" * 64))


def _on_postgresql() -> None:
    op.execute(POSTGRESQL_REFUSE)
    op.execute(POSTGRESQL_FOLLOW.format(first="0" * 64))
    for table in CHAINED:
        for statement in POSTGRESQL_TRIGGERS:
            op.execute(statement.format(table=table))
