from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('voice', '0004_who_hears'),
    ]

    operations = [
        migrations.AlterField(
            model_name='voiceagent',
            name='recording_notice',
            field=models.TextField(blank=True, default='This call may be recorded.', help_text='Spoken first of all in calls that are recorded; empty for none, save where a country requires one.'),
        ),
    ]
