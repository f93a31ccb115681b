from django.db import migrations, models

from common.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("interaction_tracking", "0003_find_calls_by_their_due_dates")]
    operations = [
        AddIndexOnline(
            "interaction", models.Index(fields=["lead", "-date", "-id", "archived_at"], name="interaction_of_lead")
        ),
        AddIndexOnline(
            "interaction",
            models.Index(
                fields=["lead", "order_placed", "date", "id", "archived_at", "status"], name="interaction_order_of_lead"
            ),
        ),
        migrations.RemoveIndex("interaction", "interaction_by_lead"),
        migrations.RemoveIndex("interaction", "interaction_by_lead_order"),
    ]
