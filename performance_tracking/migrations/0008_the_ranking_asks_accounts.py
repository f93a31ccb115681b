from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("performance_tracking", "0007_find_who_ordered_most")]
    operations = [migrations.RemoveIndex("orderrhythm", "order_rhythm_by_cycles")]
