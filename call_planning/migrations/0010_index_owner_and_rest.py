from django.db import migrations, models

from common.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("call_planning", "0009_fill_owner_and_rest")]
    operations = [
        AddIndexOnline(
            "callplan",
            models.Index(fields=["owner", "rests", "next_call_date", "id"], name="call_plan_due_by_owner"),
        ),
        AddIndexOnline("callplan", models.Index(fields=["rests", "next_call_date", "id"], name="call_plan_due")),
        AddIndexOnline("callplan", models.Index(fields=["owner", "id"], name="call_plan_by_owner")),
        AddIndexOnline(
            "callplan", models.Index(fields=["owner", "next_call_date", "id"], name="call_plan_by_owner_due")
        ),
    ]
