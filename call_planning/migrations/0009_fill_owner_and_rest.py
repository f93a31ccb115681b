from typing import Any

from django.db import migrations, transaction
from django.db.models import Case, Exists, Max, OuterRef, Q, Subquery, Value, When

BATCH = 5_000
CLOSED = ("LOST", "INACTIVE")


def fill(apps: Any, schema_editor: Any) -> None:
    """Each batch is a transaction that holds its restaurants first, as whoever changes them does."""
    alias = schema_editor.connection.alias
    plans = apps.get_model("call_planning", "CallPlan")._base_manager.using(alias)
    restaurants = apps.get_model("leads", "Restaurant")._base_manager.using(alias)
    place = restaurants.filter(pk=OuterRef("lead"))
    called = place.filter(archived_at__isnull=True).exclude(lead_status__in=CLOSED)
    for after in range(0, plans.aggregate(last=Max("pk"))["last"] or 0, BATCH):
        batch = plans.filter(pk__gt=after, pk__lte=after + BATCH)
        with transaction.atomic(using=alias):
            held = restaurants.filter(pk__in=batch.values("lead")).order_by("pk").select_for_update()
            list(held.values_list("pk", flat=True))
            batch.update(
                owner=Subquery(place.values("assigned_to")),
                rests=Case(When(Q(archived_at__isnull=True) & Exists(called), then=Value(False)), default=Value(True)),
            )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("call_planning", "0008_owner_and_rest")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
