"""What the configuration says of both plugins: where their database is."""

from marshmallow import RAISE, Schema, fields, validate


class SettingsSchema(Schema):
    """The keys of ``[plugins.magister_like]`` and ``[plugins.magister_like_lvs]``."""

    class Meta:
        """Strict: a key that is written wrongly would be left out in silence."""

        unknown = RAISE

    database = fields.String(
        required=True,
        validate=validate.Length(min=1),
        metadata={"help": "path of the database file of the school"},
    )
