"""Measurements and their results."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0006'
down_revision: str | None = '0005'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('measurement',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('measured_at', UTCDateTime(), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('replicates', sa.Integer(), nullable=False),
    sa.Column('code_version', sa.String(length=20), nullable=False),
    sa.Column('plans', sa.Integer(), nullable=False),
    sa.Column('sheets', sa.Integer(), nullable=False),
    sa.Column('lapsed_sheets', sa.Integer(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_measurement_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_measurement_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measurement')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_measurement_area_id_id')),
    sa.UniqueConstraint('round_id', name=op.f('uq_measurement_round_id')),
    )
    with op.batch_alter_table('measurement', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_measurement_area_id'), ['area_id'], unique=False)

    op.create_table('measurement_result',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('measurement_id', sa.String(length=40), nullable=False),
    sa.Column('scope', sa.Enum('criterion', 'section', 'round', 'agency_pair', name='scope', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('key', sa.String(length=130), nullable=False),
    sa.Column('stat', sa.String(length=60), nullable=False),
    sa.Column('statistic', sa.String(length=60), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('level', sa.Float(), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('undefined', sa.String(length=300), nullable=True),
    sa.Column('plans', sa.Integer(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('raters', sa.Integer(), nullable=False),
    sa.CheckConstraint('(low IS NULL) = (high IS NULL)', name=op.f('ck_measurement_result_interval_whole')),
    sa.CheckConstraint('(value IS NULL) = (undefined IS NOT NULL)', name=op.f('ck_measurement_result_value_or_reason')),
    sa.ForeignKeyConstraint(['area_id', 'measurement_id'], ['measurement.area_id', 'measurement.id'], name=op.f('fk_measurement_result_area_id_measurement_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_measurement_result_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_measurement_result')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_measurement_result_area_id_id')),
    sa.UniqueConstraint('measurement_id', 'scope', 'key', 'stat', name=op.f('uq_measurement_result_measurement_id_scope_key_stat')),
    )
    with op.batch_alter_table('measurement_result', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_measurement_result_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_measurement_result_measurement_id'), ['measurement_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('measurement_result', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_measurement_result_measurement_id'))
        batch_op.drop_index(batch_op.f('ix_measurement_result_area_id'))

    op.drop_table('measurement_result')
    with op.batch_alter_table('measurement', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_measurement_area_id'))

    op.drop_table('measurement')
