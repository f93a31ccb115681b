from django.db import migrations, models

from common.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("performance_tracking", "0006_fill_and_index_accounts")]
    operations = [
        AddIndexOnline("month", models.Index(fields=["month", "orders", "restaurant"], name="month_by_orders")),
    ]
