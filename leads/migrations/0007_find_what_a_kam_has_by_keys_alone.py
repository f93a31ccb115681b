from django.db import migrations, models

from common.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "0006_index_portfolios_by_revenue")]
    operations = [
        AddIndexOnline(
            "restaurant", models.Index(fields=["assigned_to", "id", "archived_at"], name="restaurant_live_by_kam")
        ),
        migrations.RemoveIndex("restaurant", "restaurant_by_kam"),
    ]
