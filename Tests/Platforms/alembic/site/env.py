"""Runs the migrations of an application with Alembic, each in a transaction of its own, on the database that libpq's
environment names. The application itself is not needed for that."""

from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine("postgresql+psycopg2://", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
