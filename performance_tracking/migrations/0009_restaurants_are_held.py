from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("performance_tracking", "0008_the_ranking_asks_accounts")]
    operations = [migrations.DeleteModel("Book")]
