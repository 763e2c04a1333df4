"""Put views beside the tables, and take them away before a migration."""

from sqlalchemy import Connection, inspect, text

from fillpath.data.store import views


def clear(connection: Connection) -> None:
    """Drop the views, so that no migration meets a view of the column it changes."""
    for view in views.KEPT:
        connection.execute(text(views.drop(view)))


def furnish(connection: Connection) -> None:
    """Make the views that are missing."""
    there = set(inspect(connection).get_view_names())
    for view in views.KEPT:
        if view not in there:
            connection.execute(text(views.create(view, connection.dialect.name)))
