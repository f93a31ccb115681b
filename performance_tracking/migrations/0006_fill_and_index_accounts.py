from typing import Any

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Subquery

from common.online import AddIndexOnline

BATCH = 1_000


def take_over_what_restaurants_say(apps: Any, schema_editor: Any) -> None:
    """A batch at a time, so that nobody who changes a restaurant waits for long."""
    rhythms, restaurants = (
        apps.get_model(*name).objects.using(schema_editor.connection.alias)
        for name in (("performance_tracking", "OrderRhythm"), ("leads", "Restaurant"))
    )
    theirs = restaurants.filter(pk=OuterRef("pk")).order_by()
    accounts = theirs.filter(lead_status="CONVERTED", archived_at__isnull=True)
    last = 0
    while keys := list(rhythms.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        these = rhythms.filter(pk__gte=keys[0], pk__lte=last)
        these.update(owner=Subquery(theirs.values("assigned_to")), is_account=Exists(accounts))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("performance_tracking", "0005_rhythms_know_their_accounts")]
    operations = [
        migrations.RunPython(take_over_what_restaurants_say, migrations.RunPython.noop),
        AddIndexOnline(
            "orderrhythm",
            models.Index(fields=["owner", "is_account", "cycles", "restaurant"], name="order_rhythm_by_owner"),
        ),
        AddIndexOnline(
            "orderrhythm", models.Index(fields=["is_account", "cycles", "restaurant"], name="order_rhythm_accounts")
        ),
        AddIndexOnline(
            "orderrhythm",
            models.Index(fields=["is_account", "state", "cycles", "restaurant"], name="order_rhythm_accounts_by_state"),
        ),
        AddIndexOnline(
            "orderrhythm",
            models.Index(fields=["is_account", "last_order_on", "restaurant"], name="order_rhythm_accounts_by_day"),
        ),
        migrations.RemoveIndex("orderrhythm", "order_rhythm_by_state"),
        migrations.RemoveIndex("orderrhythm", "order_rhythm_by_last_order"),
    ]
