from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0013_listen_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='callingpolicy',
            name='recording_notice_required',
            field=models.BooleanField(default=True, help_text='Calls that are recorded begin with a notice, also where the agent has none of its own.', verbose_name='callers must be told that they are recorded'),
        ),
    ]
