from django.db import migrations

from common.trigram import AddTrigramIndex


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_first_tables")]

    operations = [AddTrigramIndex("restaurant", name="restaurant_search")]
