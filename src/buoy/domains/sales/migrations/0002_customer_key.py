from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]

    operations = [
        migrations.AddIndex("endcustomer", models.Index(fields=["key"], name="sales_customer_key")),
    ]
