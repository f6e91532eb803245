"""Rounds, conflicts of interest, draws, allocations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from moderation.database import UTCDateTime

revision: str = '0004'
down_revision: str | None = '0003'
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table('expertise',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('phases', sa.JSON(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_expertise_account_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_expertise_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expertise')),
    sa.UniqueConstraint('area_id', 'account_id', name=op.f('uq_expertise_area_id_account_id')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_expertise_area_id_id')),
    )
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_expertise_area_id'), ['area_id'], unique=False)

    op.create_table('case_met',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('case_id', sa.String(length=40), nullable=False),
    sa.Column('met_at', UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_case_met_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'case_id'], ['child_case.area_id', 'child_case.id'], name=op.f('fk_case_met_area_id_case_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_case_met_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_met')),
    sa.UniqueConstraint('account_id', 'case_id', name=op.f('uq_case_met_account_id_case_id')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_case_met_area_id_id')),
    )
    with op.batch_alter_table('case_met', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_met_area_id'), ['area_id'], unique=False)

    op.create_table('conflict',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('case_id', sa.String(length=40), nullable=True),
    sa.Column('setting', sa.String(length=120), nullable=True),
    sa.Column('team', sa.String(length=80), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('declared_by', sa.String(length=40), nullable=True),
    sa.Column('declared_at', UTCDateTime(), nullable=False),
    sa.Column('cleared_by', sa.String(length=40), nullable=True),
    sa.Column('cleared_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(CASE WHEN case_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN setting IS NULL THEN 0 ELSE 1 END) + (CASE WHEN team IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_conflict_one_target')),
    sa.CheckConstraint('(cleared_at IS NULL) = (cleared_by IS NULL)', name=op.f('ck_conflict_cleared')),
    sa.CheckConstraint('cleared_by IS NULL OR cleared_by <> account_id', name=op.f('ck_conflict_cleared_by_another')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_conflict_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'case_id'], ['child_case.area_id', 'child_case.id'], name=op.f('fk_conflict_area_id_case_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_conflict_area_id')),
    sa.ForeignKeyConstraint(['cleared_by'], ['account.id'], name=op.f('fk_conflict_cleared_by')),
    sa.ForeignKeyConstraint(['declared_by'], ['account.id'], name=op.f('fk_conflict_declared_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_conflict_area_id_id')),
    )
    with op.batch_alter_table('conflict', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conflict_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_conflict_area_id'), ['area_id'], unique=False)

    op.create_table('round',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('framework_version_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.Enum('draft', 'allocated', 'open', 'closed', 'moderating', 'published', 'archived', 'abandoned', name='roundstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('sample', sa.JSON(), nullable=False),
    sa.Column('secret', sa.String(length=64), nullable=False),
    sa.Column('double_share', sa.Integer(), nullable=False),
    sa.Column('seed_plans', sa.Integer(), nullable=False),
    sa.Column('repairs_itself', sa.Boolean(), nullable=False),
    sa.Column('created_at', UTCDateTime(), nullable=False),
    sa.Column('opened_at', UTCDateTime(), nullable=True),
    sa.Column('closed_at', UTCDateTime(), nullable=True),
    sa.Column('published_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state IN ('closed', 'moderating', 'published', 'archived')) = (closed_at IS NOT NULL)", name=op.f('ck_round_closed')),
    sa.CheckConstraint("(state IN ('published', 'archived')) = (published_at IS NOT NULL)", name=op.f('ck_round_published')),
    sa.CheckConstraint("state NOT IN ('open', 'closed', 'moderating', 'published', 'archived') OR opened_at IS NOT NULL", name=op.f('ck_round_opened')),
    sa.CheckConstraint('closes_on >= opens_on', name=op.f('ck_round_dates_in_order')),
    sa.CheckConstraint('double_share BETWEEN 0 AND 100', name=op.f('ck_round_double_share')),
    sa.CheckConstraint('seed_plans BETWEEN 0 AND 3', name=op.f('ck_round_seed_plans')),
    sa.ForeignKeyConstraint(['area_id', 'framework_version_id'], ['framework_version.area_id', 'framework_version.id'], name=op.f('fk_round_area_id_framework_version_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_round_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_round_area_id_id')),
    sa.UniqueConstraint('area_id', 'number', name=op.f('uq_round_area_id_number')),
    )
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_round_state'), ['state'], unique=False)

    op.create_table('draw',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('weighing', sa.Integer(), nullable=False),
    sa.Column('drawn_at', UTCDateTime(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('commitment', sa.String(length=64), nullable=False),
    sa.Column('inputs_sha256', sa.String(length=64), nullable=False),
    sa.Column('inputs', sa.JSON(), nullable=False),
    sa.Column('outcome', sa.JSON(), nullable=False),
    sa.CheckConstraint('weighing BETWEEN 1 AND 5', name=op.f('ck_draw_weighing')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_draw_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_draw_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_draw_area_id_id')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_draw_round_id_number')),
    )
    with op.batch_alter_table('draw', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draw_area_id'), ['area_id'], unique=False)

    op.create_table('draw_order',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('round_version', sa.Integer(), nullable=False),
    sa.Column('weighing', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('asked_by', sa.String(length=40), nullable=False),
    sa.Column('asked_at', UTCDateTime(), nullable=False),
    sa.Column('failure', sa.String(length=500), nullable=True),
    sa.CheckConstraint('weighing BETWEEN 1 AND 5', name=op.f('ck_draw_order_weighing')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_draw_order_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_draw_order_area_id')),
    sa.ForeignKeyConstraint(['asked_by'], ['account.id'], name=op.f('fk_draw_order_asked_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draw_order')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_draw_order_area_id_id')),
    sa.UniqueConstraint('round_id', name=op.f('uq_draw_order_round_id')),
    )
    with op.batch_alter_table('draw_order', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draw_order_area_id'), ['area_id'], unique=False)

    op.create_table('round_agency',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=False),
    sa.Column('auditors_per_plan', sa.Integer(), nullable=False),
    sa.CheckConstraint('auditors_per_plan BETWEEN 1 AND 9', name=op.f('ck_round_agency_some_auditors')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_round_agency_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_round_agency_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_round_agency_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_agency')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_round_agency_area_id_id')),
    sa.UniqueConstraint('round_id', 'agency_id', name=op.f('uq_round_agency_round_id_agency_id')),
    )
    with op.batch_alter_table('round_agency', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_agency_area_id'), ['area_id'], unique=False)

    op.create_table('round_auditor',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('absent_from', sa.Date(), nullable=True),
    sa.Column('reminded_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('capacity >= 0', name=op.f('ck_round_auditor_capacity')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_round_auditor_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_round_auditor_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_round_auditor_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_round_auditor_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_auditor')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_round_auditor_area_id_id')),
    sa.UniqueConstraint('round_id', 'account_id', name=op.f('uq_round_auditor_round_id_account_id')),
    )
    with op.batch_alter_table('round_auditor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_auditor_area_id'), ['area_id'], unique=False)

    op.create_table('round_plan',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('plan_version_id', sa.String(length=40), nullable=False),
    sa.Column('stratum', sa.String(length=200), nullable=False),
    sa.Column('weight', sa.Float(), nullable=False),
    sa.Column('withdrawn_at', UTCDateTime(), nullable=True),
    sa.Column('withdrawn_reason', sa.String(length=500), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)', name=op.f('ck_round_plan_withdrawn_with_reason')),
    sa.CheckConstraint('weight > 0', name=op.f('ck_round_plan_weight')),
    sa.ForeignKeyConstraint(['area_id', 'plan_version_id'], ['plan_version.area_id', 'plan_version.id'], name=op.f('fk_round_plan_area_id_plan_version_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_round_plan_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_round_plan_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_plan')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_round_plan_area_id_id')),
    sa.UniqueConstraint('round_id', 'plan_version_id', name=op.f('uq_round_plan_round_id_plan_version_id')),
    )
    with op.batch_alter_table('round_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_plan_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_round_plan_round_id'), ['round_id'], unique=False)

    op.create_table('allocation',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('account_id', sa.String(length=40), nullable=False),
    sa.Column('agency_id', sa.String(length=40), nullable=False),
    sa.Column('pass_number', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('offered', 'accepted', 'started', 'ended', name='allocationstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('ended_as', sa.Enum('submitted', 'declined', 'handed_back', 'withdrawn', 'reassigned', 'lapsed', name='ending', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('allocated_at', UTCDateTime(), nullable=False),
    sa.Column('ended_at', UTCDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'ended') = (ended_as IS NOT NULL)", name=op.f('ck_allocation_ended_somehow')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_allocation_account_id')),
    sa.ForeignKeyConstraint(['area_id', 'agency_id'], ['agency.area_id', 'agency.id'], name=op.f('fk_allocation_area_id_agency_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_id'], ['round.area_id', 'round.id'], name=op.f('fk_allocation_area_id_round_id')),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_allocation_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_allocation_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_allocation_area_id_id')),
    sa.UniqueConstraint('round_plan_id', 'account_id', 'pass_number', name=op.f('uq_allocation_round_plan_id_account_id_pass_number')),
    )
    with op.batch_alter_table('allocation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_allocation_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_allocation_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_allocation_round_id'), ['round_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_allocation_round_plan_id'), ['round_plan_id'], unique=False)

    op.create_table('round_plan_kind',
    sa.Column('id', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.String(length=40), nullable=False),
    sa.Column('round_plan_id', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.Enum('ordinary', 'seed', 're_audit', 'blind_repeat', name='plankind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.ForeignKeyConstraint(['area_id', 'round_plan_id'], ['round_plan.area_id', 'round_plan.id'], name=op.f('fk_round_plan_kind_area_id_round_plan_id')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_round_plan_kind_area_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_plan_kind')),
    sa.UniqueConstraint('area_id', 'id', name=op.f('uq_round_plan_kind_area_id_id')),
    sa.UniqueConstraint('round_plan_id', name=op.f('uq_round_plan_kind_round_plan_id')),
    )
    with op.batch_alter_table('round_plan_kind', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_round_plan_kind_area_id'), ['area_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('round_plan_kind', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_plan_kind_area_id'))

    op.drop_table('round_plan_kind')
    with op.batch_alter_table('allocation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_allocation_round_plan_id'))
        batch_op.drop_index(batch_op.f('ix_allocation_round_id'))
        batch_op.drop_index(batch_op.f('ix_allocation_area_id'))
        batch_op.drop_index(batch_op.f('ix_allocation_account_id'))

    op.drop_table('allocation')
    with op.batch_alter_table('round_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_plan_round_id'))
        batch_op.drop_index(batch_op.f('ix_round_plan_area_id'))

    op.drop_table('round_plan')
    with op.batch_alter_table('round_auditor', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_auditor_area_id'))

    op.drop_table('round_auditor')
    with op.batch_alter_table('round_agency', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_agency_area_id'))

    op.drop_table('round_agency')
    with op.batch_alter_table('draw_order', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_draw_order_area_id'))

    op.drop_table('draw_order')
    with op.batch_alter_table('draw', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_draw_area_id'))

    op.drop_table('draw')
    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_round_state'))
        batch_op.drop_index(batch_op.f('ix_round_area_id'))

    op.drop_table('round')
    with op.batch_alter_table('conflict', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_conflict_area_id'))
        batch_op.drop_index(batch_op.f('ix_conflict_account_id'))

    op.drop_table('conflict')
    with op.batch_alter_table('case_met', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_met_area_id'))

    op.drop_table('case_met')
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_expertise_area_id'))

    op.drop_table('expertise')
