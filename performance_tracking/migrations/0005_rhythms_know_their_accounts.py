import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leads", "0007_find_what_a_kam_has_by_keys_alone"),
        ("performance_tracking", "0004_scales_and_portfolios"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("orderrhythm", "is_account", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "orderrhythm",
            "owner",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
