"""The policies that an installation begins with."""

from datetime import time

from django.db import migrations

# India: TCCCPR 2018, commercial calls from 09:00 to 21:00; US: 47 CFR 64.1200(c)(1), 08:00 to 21:00.
_HOURS = {"IN": (time(9), time(21)), "US": (time(8), time(21)), "": (time(9), time(21))}


def make(apps, _schema_editor):
    policies = apps.get_model("calls", "CallingPolicy")
    hours = apps.get_model("calls", "CallingHours")
    for region, (opens, closes) in _HOURS.items():
        policy = policies.objects.create(region=region, needs_consent=region == "US")
        hours.objects.bulk_create(
            hours(policy=policy, weekday=weekday, opens=opens, closes=closes) for weekday in range(7)
        )
    apps.get_model("calls", "DialerSettings").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_dialing")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
