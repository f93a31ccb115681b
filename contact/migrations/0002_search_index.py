from django.db import migrations

from common.trigram import AddTrigramIndex


class Migration(migrations.Migration):
    dependencies = [("contact", "0001_first_tables")]

    operations = [AddTrigramIndex("contact", name="contact_search")]
