"""Metrics of more than bitlinks."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change nothing yet."""


def downgrade() -> None:
    """Change nothing yet."""
