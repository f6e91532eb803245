"""Trends, recomputed nightly."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0008'
down_revision: str | None = '0007'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('trend_point',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('series', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=130), nullable=False),
    sa.Column('stat', sa.String(length=60), nullable=False),
    sa.Column('period', sa.String(length=60), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=True),
    sa.Column('first_on', sa.Date(), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('level', sa.Float(), nullable=False),
    sa.Column('undefined', sa.String(length=300), nullable=True),
    sa.Column('plans', sa.Integer(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('computed_at', UTCDateTime(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.CheckConstraint('(low IS NULL) = (high IS NULL)', name=op.f('ck_trend_point_interval_whole')),
    sa.CheckConstraint('(value IS NULL) = (undefined IS NOT NULL)', name=op.f('ck_trend_point_value_or_reason')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_trend_point_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_trend_point_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trend_point')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_trend_point_area_id_id')),
    sa.UniqueConstraint('area_id', 'series', 'key', 'stat', 'period', name=op.f('uq_trend_point_area_id_series_key_stat_period')),
    )
    with op.batch_alter_table('trend_point', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trend_point_area_id'), ['area_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('trend_point', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_trend_point_area_id'))

    op.drop_table('trend_point')
